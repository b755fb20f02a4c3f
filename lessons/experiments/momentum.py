"""What does memory buy, which pair of lr and beta is best, and where does it fail?"""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.common import noise_floor, rates_by_word, steps_to_converge
from lessons.experiments.protocol import converged_at, named, seed_sets, table, tuned, whole
from lessons.networks import digits_mlp
from lessons.steps import gradient_descent, momentum, nesterov
from lessons.surfaces import ravine

__all__ = ["cost_of_narrowness", "memory_by_batch", "steps_down"]
SETS = ["set 1", "set 2", "set 3"]
STEPS = {"criterion": "steps until the loss stays at 1e-4 of its first", "seeds": seed_sets(3),
         "referee": "worst start"}
SHORT = {**STEPS, "criterion": "steps to 1e-4"}     # in claims
RATES = {  # (batch, rule) -> learning rates to try, in factors of about the root of 2
    (512, "Gradient descent"): (0.4, 0.57, 0.8, 1.13, 1.6, 2.26),
    (512, "Momentum"): (0.32, 0.45, 0.64, 0.9, 1.28, 1.8),
    (16, "Gradient descent"): (0.2, 0.28, 0.4, 0.57, 0.8, 1.13, 1.6),
    (16, "Momentum"): (0.028, 0.04, 0.057, 0.08, 0.113, 0.16, 0.226),
}


def steps_down(rules, lr="1 / L", condition=(20, 100, 500), beta=0.9, budget=3000,
               progress="Steps"):
    """How many steps does each rule need down a ravine: along its floor, and across its wall?

    All of the loss is on the floor, or all on the wall; any other start is no slower than both.
    lr: a number, a word such as "1 / L" (all: LR_WORDS), or "best", of 160 even parts of the rule's
    own edge; one for all rules or one for each. A row for each condition number.
    """
    rules = named(rules, beta=beta)
    words = dict(zip(rules, [lr] * len(rules) if np.ndim(lr) == 0 else lr))

    def measure(condition):
        here, row = ravine(condition), {}
        for name, rule in rules.items():
            rates = rates_by_word(words[name], rule, here)[:, None, None]
            steps = converged_at(descend(here, rule, np.eye(2), budget, lr=rates).loss)
            floor, wall = steps[steps.max(axis=1).argmin()]
            row |= {f"{name}, floor": whole(floor), f"{name}, wall": whole(wall)}
        return row

    return table(measure, [{"condition": k} for k in np.ravel(condition).tolist()],
                 starts="all loss on the floor; all on the wall", seeds="none, nothing is drawn",
                 grid=str(lr), budget=f"{budget} steps", progress=progress,
                 criterion=STEPS["criterion"])


def cost_of_narrowness(condition=(2, 5, 10, 20, 50, 100, 200, 380, 1000), budget=4000,
                       progress="Ravines"):
    """How do the steps of the slower one of floor and wall grow with the condition number?

    Gradient descent at its best rate, 2 / (L + mu); momentum with beta 0.9 at 1 / L; and momentum
    fitted, at Polyak's pair for this very ravine.
    """

    def measure(condition):
        fit = ((condition**0.5 - 1) / (condition**0.5 + 1)) ** 2
        found = [steps_down(rule, lr, condition, beta, budget, None).loc[0] for rule, lr, beta in
                 (({"": partial(momentum, beta=0)}, "2 / (L + mu)", 0), (momentum, "1 / L", 0.9),
                  (momentum, "4 / (sqrt L + sqrt mu)^2", fit))]
        return dict(zip(("Gradient descent", "Momentum", "Momentum, fitted"),
                        (whole(row.iloc[1:].max()) for row in found)))

    return table(measure, [{"condition": k} for k in np.ravel(condition).tolist()],
                 starts="the slower one: all loss on the floor, or all on the wall", seeds="none",
                 grid="one rate each, from the curvatures", budget=f"{budget} steps",
                 criterion=STEPS["criterion"], progress=progress)


def memory_by_batch(batch=(512, 16, 16), steps=(50, 50, 400), count=5, progress="Networks"):
    """Does memory help at a large batch, and at a small one, after few steps and after many?

    digits_mlp without memory and with beta 0.9. The rate of each is chosen by the mean training
    loss on `count` seeds and judged on the next set, in three sets; losses and rates of the sets
    stand side by side. "grid's edge": which rule chose the first or last of its rates, if any.
    """
    sets, rules = seed_sets(count), named([gradient_descent, momentum])

    def measure(batch, steps):
        row, late = {}, []
        for name, rule in rules.items():
            found = [tuned(rule, lambda seed: digits_mlp(batch=batch, seed=seed),
                           np.array(RATES[batch, name]), steps, k, sets, np.mean)
                     for k in (1, 2, 3)]
            row[f"{name}: loss"] = ", ".join(f"{one['loss']:.2g}" for one in found)
            row[f"{name}: best lr"] = ", ".join(f"{one['lr']:g}" for one in found)
            late += [name] if any(one["at_edge"] for one in found) else []
        return row | ({"grid's edge": ", ".join(late)} if late else {})

    cases = [{"batch": b, "steps": n} for b, n in zip(batch, steps)]
    return table(measure, cases, starts="first weights by seed", seeds=sets, progress=progress,
                 grid="6 or 7 rates, factors of 1.4", budget=f"{steps} mini-batches",
                 criterion=f"mean training loss of {count} seeds").fillna("")


def claims(networks=None):
    """What the lesson claims, with verdicts; it measures anew what the rounds have shown.

    networks: a table of memory_by_batch() that is there already, for it takes the longest.
    """
    return Claims(*on_speed(), *on_looking_ahead(), *on_noise(networks))


def on_speed():
    """Claims about the number of steps in a ravine, as a list."""
    usual = steps_to_converge(momentum, "1 / L", [20, 100, 200], progress=None, beta=0.9)
    plain = steps_to_converge(gradient_descent, "best", [20, 100], progress=None)
    usual, plain = (found.set_index("condition") for found in (usual, plain))
    narrow, round_one = (rivals(usual.loc[k], plain.loc[k]) for k in (100, 20))
    longer, short = (usual.loc[k, "worst start"] for k in (200, 20))
    fitted = cost_of_narrowness([50, 200], progress=None)["Momentum, fitted"]
    low, high = (1 - 0.9**0.5) ** 2, (1 + 0.9**0.5) ** 2
    how = {**SHORT, "budget": "runs of 3000 steps", "where": "How many steps does a ravine cost?"}
    return [
        known("Every curvature on the flat part shrinks by the root of beta a step.", "proved",
              f"beta 0.9: {0.9**0.5:.3g} a step for lr c from {low:.2g} to {high:.3g}",
              "quadratics, exact gradients", "Why is it faster?"),
        judge("Momentum with beta 0.9 is faster in a narrow ravine.", *narrow[:2], **how,
              told="momentum takes {lower} steps, gradient descent {higher}",
              limits=f"condition 100; {narrow[2]}; it pays above 38"),
        judge("Momentum with beta 0.9 is faster in a round landscape too.", *round_one[:2],
              **how, told="momentum takes {lower} steps, gradient descent {higher}",
              limits=f"condition 20; {round_one[2]}"),
        judge("From condition 20 to 200 momentum's steps grow by less than a twentieth.",
              longer, 1.05 * short, **how, told=f"{short} steps at 20, {{lower}} at 200",
              limits="towards 380 they grow"),
        known("In the long run fitted momentum costs the root of the condition number.", "proved",
              f"condition 50 to 200: {fitted[0]} to {fitted[1]} steps to 1e-4",
              "it explodes if the wall is steeper than thought by more than the fraction "
              "1 / condition; a finite depth costs a logarithm more",
              "Which beta is best?"),
    ]


def on_looking_ahead():
    """Claims about Nesterov's step, as a list."""
    found = steps_to_converge([momentum, nesterov], "1 / L", 100, progress=None, beta=0.9)
    found = found.set_index("rule")
    same = rivals(found.loc["Nesterov"], found.loc["Momentum"])
    how = {**SHORT, "where": "Does it help to look ahead?",
           "told": "Nesterov takes {lower} steps, momentum {higher}"}
    return [
        judge("Nesterov's step is faster at the same learning rate.", *same[:2], **how,
              budget="runs of 3000 steps",
              limits=f"condition 100, 1 / L, beta 0.9; at 380 it is a little slower; {same[2]}"),
    ]


def rivals(ours, theirs):
    """Two rules' steps from the worst start, then in words those of the slowest drawn starts.

    ours, theirs: a row each, with a number for each of SETS and for the worst start.
    """
    drawn = " against ".join(in_words(row[SETS]) for row in (ours, theirs))
    return ours["worst start"], theirs["worst start"], f"from drawn starts {drawn}"


def on_noise(networks=None):
    """Claims about noisy gradients and a real network, as a list."""
    levels = noise_floor([momentum, gradient_descent], [0.02, 0.2], progress=None, beta=0.9)
    levels = levels.set_index(["rule", "lr"])
    rise = levels.loc[("Momentum", 0.02), "theory"] / levels.loc[("Gradient descent", 0.02),
                                                                 "theory"]
    found = memory_by_batch(progress=None) if networks is None else networks
    found = found.set_index(["batch", "steps"])
    where = "What does memory cost?"
    return [
        judge("At one effective rate memory lowers the noise level.",
              levels.loc[("Momentum", 0.02), SETS], levels.loc[("Gradient descent", 0.2), SETS],
              told="{lower} with memory, {higher} without",
              budget="500 steps", criterion="mean squared distance", referee="mean of 400 runs",
              seeds=seed_sets(400), where=where,
              limits="by a tenth only: 0.905 times is derived; a parabola, lr c 0.02"),
        known("At one learning rate beta 0.9 raises the noise level tenfold.", "proved",
              f"{rise:.3g} times at lr c 0.02", "small lr c", where),
        *(judge(f"Momentum trains a network better at batch {batch}, {steps} steps.",
                *([float(loss) for loss in row[f"{rule}: loss"].split(", ")]
                  for rule in ("Momentum", "Gradient descent")),
                told="momentum ends at {lower}; SGD at {higher}",
                budget=f"{steps} mini-batches", criterion="mean training loss", margin=1.1,
                referee="rate chosen on the set before", seeds=seed_sets(5),
                at_edge=bool(row.get("grid's edge")), limits="one small network, training loss",
                where="On a real network: does memory help?")
          for (batch, steps), row in found.iterrows()),
    ]
