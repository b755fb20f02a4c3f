"""What does memory buy, which pair of lr and beta is best, and where does it fail?"""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.common import (
    STARTS,
    noise_floor,
    one_direction,
    rates_by_word,
    steps_to_converge,
)
from lessons.experiments.protocol import (
    by_set,
    converged_at,
    curvatures,
    edge,
    named,
    own,
    seed_sets,
    seeded,
    table,
    tuned,
    walks,
    whole,
)
from lessons.networks import digits_mlp, digits_softmax
from lessons.steps import gradient_descent, momentum, nesterov, newton
from lessons.surfaces import parabola, ravine
from lessons.views import with_l2

__all__ = ["best_pair", "cost_of_narrowness", "fitted_pair", "overshoot", "real_ravine",
           "steps_down", "velocity_gain", "which_limit"]
SETS = ["set 1", "set 2", "set 3"]
STEPS = {"criterion": "steps until the loss stays at 1e-4 of its first", "seeds": seed_sets(3),
         "referee": "slowest of three starts"}
RATES = {  # (batch, rule) -> learning rates to try, in factors of about the root of 2
    (512, "Gradient descent"): (0.4, 0.57, 0.8, 1.13, 1.6, 2.26),
    (512, "Momentum"): (0.32, 0.45, 0.64, 0.9, 1.28, 1.8),
    (16, "Gradient descent"): (0.2, 0.28, 0.4, 0.57, 0.8, 1.13, 1.6),
    (16, "Momentum"): (0.028, 0.04, 0.057, 0.08, 0.113, 0.16, 0.226),
}


def steps_down(rules, lr="1 / L", condition=(20, 100, 500), beta=0.9, budget=3000,
               progress="Steps"):
    """How many steps does each rule need down a ravine, a row for each condition number?

    lr: what steps_to_converge knows, one for all rules or one for each. worst: all loss in the
    slower direction. sets: the slowest of three drawn starts, from the luckiest of three sets to
    the unluckiest. at_edge, only where it happens: the best learning rate is the last of its grid.
    """
    rules = named(rules, beta=beta)
    words = dict(zip(rules, [lr] * len(rules) if isinstance(lr, str) else lr))

    def measure(condition):
        row = {}
        for name, rule in rules.items():
            found = steps_to_converge({name: rule}, words[name], condition, budget=budget,
                                      progress=None).loc[0]
            low, high = found[SETS].min(), found[SETS].max()
            row[f"{name}: worst"] = found["worst start"]
            row[f"{name}: sets"] = f"{low:.0f} to {high:.0f}" if high > low else f"{low:.0f}"
            row |= {f"{name}: at_edge": "yes"} if found["at_edge"] else {}
        return row

    return table(measure, [{"condition": k} for k in np.ravel(condition).tolist()], starts=STARTS,
                 seeds=seed_sets(3), grid=str(lr), budget=f"{budget} steps", progress=progress,
                 criterion=STEPS["criterion"]).fillna("")


def cost_of_narrowness(condition=(2, 5, 10, 20, 40, 100, 200, 380, 1000), budget=4000,
                       progress="Ravines"):
    """How do the steps grow with the condition number, from the worst start?

    Gradient descent at its best rate, 2 / (L + mu); momentum with beta 0.9 at 1 / L; and momentum
    fitted, at Polyak's pair for this very ravine.
    """

    def measure(condition):
        here = ravine(condition)
        beta = ((condition**0.5 - 1) / (condition**0.5 + 1)) ** 2
        cases = {"Gradient descent": (gradient_descent, "2 / (L + mu)"),
                 "Momentum": (partial(momentum, beta=0.9), "1 / L"),
                 "Momentum, fitted": (partial(momentum, beta=beta),
                                      "4 / (sqrt L + sqrt mu)^2")}
        return {name: whole(converged_at(walks(rule, *one_direction(here)[1],
                                               rates_by_word(lr, rule, here), budget)[2]).max())
                for name, (rule, lr) in cases.items()}

    return table(measure, [{"condition": k} for k in np.ravel(condition).tolist()],
                 starts="the worst one: all loss in the slower direction", seeds="none",
                 grid="one rate each, from the curvatures", budget=f"{budget} steps",
                 criterion=STEPS["criterion"], progress=progress)


def best_pair(rules=(momentum, nesterov), condition=100, target=1e-4, budget=400, count=3,
              progress="Pairs"):
    """Which pair of lr and beta converges first?

    Of 50 betas and of 60 learning rates, even parts of the rule's own edge at each beta. Rows: for
    three sets of seeds, the best pair and its slowest start; then for the worst start of all.
    lr_L: lr times the largest curvature. at_edge, only where it happens: the pair lies on an edge
    of the grid.
    """
    rules, sets = named(rules), seed_sets(count)
    parts, beta = np.arange(1, 61) / 61, np.linspace(0, 0.98, 50)[:, None, None, None]

    def measure(rule, condition, starts):
        here, step = ravine(condition), own(rules[rule])
        worst = dict([one_direction(here)]).get(starts)
        surface = seeded(*worst) if worst else seeded(here, sets[int(starts[-1]) - 1])
        limits = [edge(partial(step, beta=b), curvatures(here)[-1]) for b in beta.ravel()]
        lr = np.outer(limits, parts)
        run = descend(surface, step, steps=budget, lr=lr[..., None, None], beta=beta)
        steps = converged_at(run.loss, target).max(axis=-1)
        i, k = np.unravel_index(steps.argmin(), steps.shape)
        at_edge = bool(i == len(steps) - 1 or k in (0, 59))  # no memory, beta 0, is no edge
        return {"lr_L": lr[i, k] * curvatures(here)[-1], "beta": beta[i].item(),
                "steps": whole(steps[i, k]), **({"at_edge": "yes"} if at_edge else {})}

    cases = [{"rule": name, "condition": k, "starts": starts} for name in rules
             for k in np.ravel(condition).tolist()
             for starts in ("set 1", "set 2", "set 3", "worst start")]
    return table(measure, cases, progress=progress, starts=STARTS, seeds=sets,
                 grid="60 lrs up to the edge, 50 betas from 0 to 0.98", budget=f"{budget} steps",
                 criterion=f"the loss stays at or below {target:g} of its first; slowest start"
                 ).fillna("")


def velocity_gain(lr_c=(0.02, 0.1, 1.0, 2.0, 3.6), beta=0.9, budget=200):
    """How much longer than the gradient is the velocity, along a direction of curvature c?

    lr_c: lr times c, where the ball swings. Both shrink by sqrt(beta) a step, which is divided out;
    the ratio is that of their root mean squares. theory: 1 / sqrt(lr c).
    """

    def measure(lr_c):
        run = descend(parabola(), momentum, steps=budget, lr=lr_c, beta=beta)
        shrunk = beta ** (np.arange(budget) / 2)
        sizes = [np.sqrt(np.square(values / shrunk).mean()) for values in
                 (np.ravel(run.state["velocity"]), parabola().grad(run.theta[:-1])[:, 0])]
        return {"gain": sizes[0] / sizes[1], "theory": lr_c**-0.5}

    return table(measure, [{"lr_c": value} for value in np.ravel(lr_c).tolist()],
                 starts="-2 on a parabola", seeds="none, nothing is drawn", grid=str(lr_c),
                 budget=f"{budget} steps", criterion="ratio of root mean squares")


def overshoot(lr_c=(0.01, 1.0, 3.6, 3.7), beta=0.9, target=1e-4, budget=400):
    """How much higher does a swing go than sqrt(beta)^t, and how many steps does that cost?

    Along one direction of curvature c, from rest. amplitude: sqrt(lr c) / sin w, where
    2 sqrt(beta) cos w = 1 + beta - lr c. bound: the steps that it allows at most.
    """

    def measure(lr_c):
        cosine = (1 + beta - lr_c) / (2 * np.sqrt(beta))
        amplitude = np.sqrt(lr_c / (1 - cosine**2))
        run = descend(parabola(), momentum, steps=budget, lr=lr_c, beta=beta)
        return {"amplitude": amplitude, "bound": np.log(amplitude**2 / target) / -np.log(beta),
                "steps": whole(converged_at(run.loss, target))}

    return table(measure, [{"lr_c": value} for value in np.ravel(lr_c).tolist()],
                 starts="-2 on a parabola", seeds="none, nothing is drawn", grid=str(lr_c),
                 budget=f"{budget} steps", criterion=f"the loss stays at or below {target:g}")


def fitted_pair(condition=(20, 50, 100, 200, 1000), target=1e-4, budget=400):
    """How many steps does momentum need at Polyak's pair, whose flat part is as wide as the ravine?

    long_run: by the rate alone. derived: with the double root of the wall, whose loss is
    beta^t (1 + (1 + sqrt beta) t)^2. measured: from the worst start.
    """

    def measure(condition):
        root = (condition**0.5 - 1) / (condition**0.5 + 1)
        t = np.arange(budget + 1)
        wall = root ** (2 * t) * (1 + (1 + root) * t) ** 2
        found = steps_to_converge(momentum, "4 / (sqrt L + sqrt mu)^2", condition, target, budget,
                                  progress=None, beta=root**2).loc[0]
        return {"beta": root**2, "lr_L": (1 + root) ** 2,
                "long_run": np.log(target) / np.log(root**2),
                "derived": whole(converged_at(wall, target)), "measured": found["worst start"]}

    return table(measure, [{"condition": k} for k in np.ravel(condition).tolist()], starts=STARTS,
                 seeds=seed_sets(3), grid="Polyak's pair", budget=f"{budget} steps",
                 criterion=f"the loss stays at or below {target:g} of its first; slowest start")


def real_ravine(weight_decay=0.01, target=1e-4, budget=350, progress="Digits"):
    """Does the theory of the parabola predict the steps on the digits?

    Softmax regression with L2, exact gradients. The curvatures are those at the minimum, which
    Newton's method finds. Columns: starts of N(0, 0.3^2) by three seeds, then from zero.
    """
    rules = named([momentum, nesterov, gradient_descent], beta=0.9)
    surface, seeds = with_l2(digits_softmax(), weight_decay), seed_sets(1)
    lowest = descend(surface, newton, steps=8)
    mu, *_, L = np.linalg.eigvalsh(surface.hess(lowest.theta[-1]))
    starts = np.stack([*(np.random.default_rng(seed).normal(0, 0.3, 650) for (seed,) in seeds),
                       np.zeros(650)])[:, None]

    def measure(rule):
        parts = np.array([1.5, 1.8, 1.9, 1.95]) if rule == "Gradient descent" else np.ones(1)
        loss = descend(surface, rules[rule], starts, budget, lr=parts[:, None] / L).loss
        steps = converged_at(loss - lowest.loss[-1], target).min(axis=1)
        return {**by_set(map(whole, steps[:3])),
                "from zero": whole(steps[3]), "condition": L / mu}

    return table(measure, [{"rule": name} for name in rules], starts="N(0, 0.3^2), and 0",
                 seeds=seeds, grid="1 / L; gradient descent the best of 1.5, 1.8, 1.9, 1.95 / L",
                 budget=f"{budget} steps", progress=progress,
                 criterion=f"the excess loss stays at or below {target:g} of its first")


def which_limit(batch=(512, 16, 16), steps=(50, 50, 400), count=5, progress="Networks"):
    """Which limit binds on a real network: the curvature's or the noise's?

    digits_mlp at a large and a small batch, for few steps and for many, each rule at the best of
    its own rates, chosen by the mean training loss on `count` seeds and judged on the next set, in
    three sets. lr: the rates that were chosen.
    """
    sets = seed_sets(count)

    def measure(batch, steps, rule):
        rates, step = np.array(RATES[batch, rule]), named([gradient_descent, momentum])[rule]
        found = [tuned(step, lambda seed: digits_mlp(batch=batch, seed=seed), rates, steps, k, sets,
                       np.mean) for k in (1, 2, 3)]
        return {**by_set(float(f"{row['loss']:.2g}") for row in found),
                "lr": ", ".join(f"{row['lr']:g}" for row in found),
                **({"at_edge": "yes"} if any(row["at_edge"] for row in found) else {})}

    cases = [{"batch": b, "steps": n, "rule": rule} for b, n in zip(batch, steps)
             for rule in ("Gradient descent", "Momentum")]
    return table(measure, cases, starts="first weights by seed", seeds=sets, progress=progress,
                 grid="6 or 7 rates, factors of 1.4", budget=f"{steps} mini-batches",
                 criterion=f"mean training loss of {count} seeds").fillna("")


def claims(networks=None):
    """What the lesson claims, with verdicts; it measures anew what the rounds have shown.

    networks: a table of which_limit() that is there already, for it takes the longest.
    """
    return Claims(*on_speed(), *on_looking_ahead(), *on_noise(networks))


def on_speed():
    """Claims about the number of steps in a ravine, as a list."""
    usual = steps_to_converge(momentum, "1 / L", [20, 100, 200], progress=None, beta=0.9)
    plain = steps_to_converge(gradient_descent, "best", [20, 100], progress=None)
    usual, plain = (found.set_index("condition")[SETS] for found in (usual, plain))
    fitted = fitted_pair([50, 200])["derived"]
    low, high = (1 - 0.9**0.5) ** 2, (1 + 0.9**0.5) ** 2
    how = {**STEPS, "budget": "3000 steps", "where": "Why is it faster?"}
    return [
        known("Every curvature on the flat part shrinks by the root of beta a step.", "proved",
              f"beta 0.9: {0.9**0.5:.3g} a step for lr c from {low:.2g} to {high:.3g}",
              "quadratics, exact gradients", how["where"]),
        judge("Momentum with beta 0.9 is faster in a narrow ravine.", usual.loc[100],
              plain.loc[100], **how, limits="condition 100; from the worst start it pays above 38"),
        judge("Momentum with beta 0.9 is faster in a round landscape too.", usual.loc[20],
              plain.loc[20], **how, limits="condition 20"),
        judge("From condition 20 to 200 momentum's steps grow by less than a twentieth.",
              usual.loc[200], 1.05 * usual.loc[20], **how,
              limits="steps at 200 against 1.05 times those at 20; towards 380 they grow"),
        known("In the long run fitted momentum costs the root of the condition number.", "proved",
              f"condition 50 to 200: {fitted[0]} to {fitted[1]} steps to 1e-4",
              "both curvatures known to a per cent; a finite depth costs a logarithm more",
              "Which beta is best, and for what?"),
    ]


def on_looking_ahead():
    """Claims about Nesterov's step, as a list."""
    same = steps_to_converge([momentum, nesterov], "1 / L", 100, progress=None, beta=0.9)
    deep = {depth: best_pair(target=depth, progress=None) for depth in (1e-4, 1e-12)}
    how = {**STEPS, "where": "Does it help to look ahead?"}

    def rivals(found, column=None):
        rows = [found[found["rule"] == rule] for rule in ("Nesterov", "Momentum")]
        return [row[column].tolist()[:3] if column else row[SETS].iloc[0] for row in rows]

    return [
        judge("Nesterov's step is faster at the same learning rate.", *rivals(same), **how,
              budget="3000 steps",
              limits="condition 100, 1 / L, beta 0.9, drawn starts; at 500 a tie"),
        judge("With both knobs tuned Nesterov's step is faster.", *rivals(deep[1e-4], "steps"),
              **how, budget="400 steps", margin=1.1, limits="condition 100, drawn starts"),
        judge("With both knobs tuned Nesterov's step is faster, down to 1e-12.",
              *rivals(deep[1e-12], "steps"), **{**how, "criterion": "steps to 1e-12"},
              budget="400 steps", margin=1.1, limits="condition 100"),
    ]


def on_noise(networks=None):
    """Claims about noisy gradients and a real network, as a list."""
    levels = noise_floor([momentum, gradient_descent], [0.02, 0.2], progress=None, beta=0.9)
    levels = levels.set_index(["rule", "lr"])
    rise = levels.loc[("Momentum", 0.02), "theory"] / levels.loc[("Gradient descent", 0.02),
                                                                 "theory"]
    found = which_limit(progress=None) if networks is None else networks
    found = found.set_index(["batch", "steps", "rule"])
    where = "What does memory cost?"
    return [
        judge("At one effective rate memory lowers the noise level.",
              levels.loc[("Momentum", 0.02), SETS], levels.loc[("Gradient descent", 0.2), SETS],
              budget="500 steps", criterion="mean squared distance", referee="mean of 400 runs",
              seeds=seed_sets(400), where=where,
              limits="by a tenth only: 0.905 times is derived; a parabola, lr c 0.02"),
        known("At one learning rate beta 0.9 raises the noise level tenfold.", "proved",
              f"{rise:.3g} times at lr c 0.02", "small lr c", where),
        *(judge(f"Momentum trains a network better at batch {batch}, {steps} steps.",
                *(found.loc[(batch, steps, rule), SETS]
                  for rule in ("Momentum", "Gradient descent")),
                budget=f"{steps} mini-batches", criterion="mean training loss", margin=1.1,
                referee="rate chosen on the set before", seeds=seed_sets(5),
                at_edge="at_edge" in found and (found.loc[(batch, steps), "at_edge"] == "yes"),
                limits="one small network, training loss",
                where="On a real network: which limit binds?")
          for batch, steps in ((512, 50), (16, 50), (16, 400))),
    ]
