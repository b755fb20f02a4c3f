"""Where do cliffs come from, what does clipping do about them, and what does it cost?"""

from functools import cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.steps import adam, gradient_descent
from lessons.surfaces import given_gradients, recurrent_neuron
from lessons.views import clipped, scaled

__all__ = ["after_a_spike", "share_found", "walls", "where_it_rests"]
STRIP = 0.05        # the strip about the wall: biases within so much of 0
RARE = 10.0         # the rare example; the others are 0
COUNT = 400         # runs in each of three sets
LONG = 2000         # steps: enough for whoever is not lost
TIE = 1.02          # results less than 2 % apart are a tie
SETS = seed_sets(1)     # a seed draws a whole set of runs


def walls(times=(5, 10, 15, 20), weight=1.5, steep=(100, 1000), places=100_000):
    """How steep is recurrent_neuron()'s loss within 0.05 of its wall, by the number of time steps?

    drop: how far the loss goes down and up in all. The rest is of the gradient along b at `places`
    biases, evenly spread. above 100 (%): the part of the strip that is so steep.
    """
    biases = np.linspace(-STRIP, STRIP, places + 1)
    theta = np.stack([np.full_like(biases, weight), biases], -1)

    def measure(times):
        surface = recurrent_neuron(times)
        size = np.abs(surface.grad(theta)[:, 1])
        drop = np.abs(np.diff(surface.loss(theta))).sum()
        return {"drop": drop, "mean gradient": size.mean(),
                "largest": size.max(),
                **{f"above {G:g} (%)": 100 * (size > G).mean() for G in steep}}

    return table(measure, [{"times": T} for T in np.ravel(times).tolist()],
                 starts=f"{places} biases within {STRIP} of 0", seeds="none, nothing is drawn",
                 grid=f"weight {weight:g}", budget="one gradient each",
                 criterion="size of the gradient along b").rename(columns={"times": "time steps"})


def share_found(lr=(0.01, 0.1, 0.3, 1.0), c=(None, 10, 1), steps=LONG):
    """How many of 400 starts find the valley behind the cliff, in percent, for each threshold?

    Starts: w from 0.5 to 2, b from -1 to 0, evenly. Found: the loss is below 0.01 after so many
    steps of gradient descent. Each cell: the lowest and the highest of three sets.
    c: None: no clipping.
    """

    def measure(lr):
        return {"no clipping" if c is None else f"c = {c:g}": span(found(lr, c, steps), 1)
                for c in cs}

    cs = [c] if c is None else np.ravel(c).tolist()
    return table(measure, [{"lr": rate} for rate in np.ravel(lr).tolist()], criterion="loss < 0.01",
                 starts="w from 0.5 to 2, b from -1 to 0, evenly", seeds=SETS, grid=f"c {c}",
                 budget=f"{steps} steps")


@cache
def found(lr, c=None, steps=LONG):
    """What share_found() shows in one cell, in percent: a number for each of three sets."""
    return (100 * (walk_all(lr, c, steps).loss[-1] < 0.01).mean(-1)).tolist()


def walk_all(lr, c, steps):
    """The runs from COUNT starts in each of three sets, first and last step: (2, 3, COUNT)."""
    neuron = recurrent_neuron()
    if c is not None:
        neuron = clipped(neuron, c)
    starts = np.stack([np.random.default_rng(seed).uniform((0.5, -1), (2, 0), (COUNT, 2))
                       for (seed,) in SETS])
    return descend(neuron, gradient_descent, starts, steps=steps, every=steps, lr=lr)


def where_it_rests(batch=(1, 4, 10, 32), c=1.0, share=0.1, lr=0.05, budget=600):
    """Where does x come to rest, when the gradient of each batch is clipped at c?

    The loss of an example a is (x - a)^2 / 2; a is 10 for a share of them, else 0. derived: where
    the mean clipped gradient is 0. sets: the mean of 400 runs over the second half of the budget.
    """

    def measure(batch):
        ends = [walks(c, share, batch, lr, budget, seed)[budget // 2:].mean() for (seed,) in SETS]
        return {"derived": balance(c, share, batch), **by_set(ends)}

    return table(measure, [{"batch": B} for B in np.ravel(batch).tolist()],
                 starts="the mean of the data", seeds=SETS, grid=f"c {c:g}, lr {lr:g}",
                 budget=f"{budget} steps", criterion=f"mean of {COUNT} runs, second half")


def walks(threshold, share, batch, lr=0.05, steps=200, seed=0):
    """x of 400 runs after each step, (steps + 1, 400), from the mean of the data."""
    targets = RARE * np.random.default_rng(seed).binomial(batch, share, (steps, COUNT)) / batch
    x = np.full(COUNT, RARE * share)
    places = [x]
    for target in targets:
        x = x - lr * np.clip(x - target, -threshold, threshold)
        places.append(x)
    return np.array(places)


def mean_pull(x, threshold, share, batch=1):
    """The mean clipped gradient at x over all batches of where_it_rests(). x: (), or (N,)."""
    rare = np.arange(batch + 1)
    ways = np.cumsum([0.0, *np.log((batch - rare[:-1]) / rare[1:])])    # log of the binomials
    chance = np.exp(ways + rare * np.log(share) + (batch - rare) * np.log1p(-share))
    gradients = np.subtract.outer(x, RARE * rare / batch)
    return np.clip(gradients, -threshold, threshold) @ chance


def balance(threshold, share, batch=1):
    """The x at which mean_pull() is 0, by bisection."""
    low, high = 0.0, RARE
    for _ in range(60):
        middle = (low + high) / 2
        if mean_pull(middle, threshold, share, batch) > 0:
            high = middle
        else:
            low = middle
    return middle


def after_a_spike(spike=1000.0, beta2=(0.999, 0.99, 0.95)):
    """What does Adam do after one gradient of `spike`, when all others are 1?

    Its averages have settled before. first step, shortest step: in lr. half speed until: the last
    step, counted from the spike as step 0, that is shorter than half of a usual one. derived: from
    v = 4.
    """

    def measure(beta2):
        fade = -np.log(beta2)
        moves = adams_moves(spike, beta2, int(10 + 1.2 * np.log(spike**2) / fade))
        return {"first step": moves[0], "half speed until": last_below_half(moves),
                "derived": np.log((1 - beta2) * spike**2 / 3) / fade,
                "shortest step": moves.min()}

    return table(measure, [{"beta2": b} for b in np.ravel(beta2).tolist()],
                 starts="averages at 1", seeds="none, nothing is drawn", grid=f"spike {spike:g}",
                 budget="until it is awake", criterion="length of a step over lr")


def adams_moves(spike, beta2, steps):
    """Adam's steps over lr, from a gradient of `spike` on; all others are 1: (steps,)."""
    slope, places = given_gradients([1.0]), [np.zeros(1)]
    state = (10**6, 1.0, 1.0)       # t, m, v: long settled
    for t in range(steps):
        place = slope if t else scaled(slope, spike)
        theta, *state = adam(place, places[-1], *state, lr=1.0, beta2=beta2)
        places.append(theta)
    return -np.diff(np.ravel(places))


def last_below_half(moves):
    """The last step below 1/2, where the spike's own is step 0; 0: never."""
    slow = np.flatnonzero(moves < 0.5)
    return int(slow[-1]) if len(slow) else 0


def claims(network=()):
    """What the lesson claims, with verdicts; it measures anew what the rounds have shown.

    network: the claims about a real network, such as those of clipped_rnn.claims().
    """
    return Claims(*on_cliffs(), *on_noise(), *on_memory(), *network)


def on_cliffs():
    """Claims about walls and what clipping does at them, as a list."""
    near = walls([10, 20])
    how = {"budget": f"{LONG:,} steps", "criterion": "last loss below 0.01",
           "referee": f"{COUNT} starts a set", "seeds": SETS, "margin": TIE,
           "where": "What if we keep the direction and shorten the step?"}
    return [
        known("Near a wall the mean gradient is drop over width, however steep the wall.", "proved",
              "10 and 20 time steps: mean {:.1f} and {:.1f}, largest {:,.0f} and {:,.0f}".format(
                  *near["mean gradient"], *near["largest"]),
              "one neuron", "Where do cliffs come from?"),
        judge("Without clipping fewer starts find the valley behind a cliff.", found(0.1),
              found(0.1, 1.0), **how,
              told="{lower} % of the starts find it without clipping; {higher} % with it",
              limits="lr 0.1, c 1; the lost end at a loss of at most 0.02"),
        judge("Without clipping fewer starts find the valley, even at a ten times lower learning "
              "rate.", found(0.01), found(0.1, 1.0), **how,
              told="{lower} % find it at lr 0.01 without clipping; {higher} % at 0.1 with c 1",
              limits="the lost are thrown, not late"),
        judge("At one learning rate a higher threshold finds the valley from fewer starts.",
              found(0.3, 10.0), found(0.3, 1.0), **how,
              told="{lower} % of the starts find it with c 10; {higher} % with c 1",
              limits="lr 0.3; at lr 0.1 both find it from all starts"),
    ]


def on_noise():
    """Claims about clipped noise, as a list."""
    rests = where_it_rests([1, 32]).set_index("batch")[["set 1", "set 2", "set 3"]]
    how = {"budget": "600 steps", "criterion": "mean of x over the second half",
           "referee": f"mean of {COUNT} runs", "seeds": SETS, "margin": TIE,
           "where": "What does clipping cost?"}
    return [
        judge("Clipping single examples moves the goal off the mean.", rests.loc[1], 1.0, **how,
              told="x comes to rest at {lower}; the mean is {higher}",
              limits=f"c 1; derived: {balance(1.0, 0.1):.3f}; only with skewed data"),
        judge("Clipping single examples moves the goal farther down than clipping means of 32.",
              rests.loc[1], rests.loc[32], **how,
              told="x comes to rest at {lower} with single examples; at {higher} with means of 32",
              limits=f"c 1, mean 1; derived for 32: {balance(1.0, 0.1, 32):.3f}; only with skewed "
              "data"),
    ]


def on_memory():
    """Claims about a spike in Adam, as a list."""
    rows = after_a_spike(1000.0)
    return [known("After a spike G Adam's last step below half is number ln((1-beta2) G^2 / 3) / "
                  "-ln beta2.", "proved",
                  "G 1000, beta2 {}: derived {}; counted {}".format(*(
                      ", ".join(f"{value:g}" for value in rows[name])
                      for name in ("beta2", "derived", "half speed until"))),
                  "a constant gradient, averages settled",
                  "What does one bad gradient do to a method with memory?")]
