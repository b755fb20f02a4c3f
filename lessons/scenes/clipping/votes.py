"""Rare examples with long gradients: clipping cuts their votes, and the goal moves."""
import numpy as np

from lessons.experiments.clipping import COUNT, RARE, balance, mean_pull, walks
from lessons.look import BLUE, GREY, ORANGE, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

STEPS, LATE, SEEN = 200, 20, 3     # steps; those that are measured; runs drawn one by one
X = np.linspace(-0.5, 6.0, 261)
NEAR = np.array([-0.1, 0.1])
GOAL, BALANCE = Look(VERMILION, (7, 2), "s"), Look(BLUE, (), "o")


@scene("Votes", steps=STEPS, rate=30, height=4.2,
       alt="Left: the mean clipped gradient over x, which is zero where x comes to rest, and the "
           "mean of the data. Right: 400 runs that start at the mean, their average and three of "
           "them; dashed: the mean, and the place that was derived, unless both are close. At the "
           "first setting the average falls from 1, soon levels out near 0.11 and stays; single "
           "runs sink too, and jump up where they meet a rare example.")
def votes(stage, *, threshold=1.0, share=0.1, batch=1):
    """Clip the gradient of every batch, of examples that are 0 or, rarely, 10.

    The loss of an example a is (x - a)^2 / 2, so its gradient is x - a.
    """
    pull, runs = stage.grid(ncols=2)
    pull.set(xlim=(X[0], X[-1]), ylim=(-1.1, 1.1), xlabel="x", ylabel="mean clipped gradient / c")
    runs.set(xlim=(0, STEPS), yticks=[], xlabel="step")
    runs.set_ylabel("x", labelpad=26)        # the numbers of this axis are tracks
    pull.axhline(0, color=GREY, linewidth=0.8)
    above, beside = stage.headline(pull), stage.headline(runs)
    mean = stage.noted_line(pull, DASHED._replace(color=GOAL.color), size=11)
    curve = stage.path(pull, Look(GREY, (), "o"), whole=True, width=3)
    rest = stage.marker(pull, BALANCE, size=12)
    goal = stage.noted_line(runs, DASHED._replace(color=GOAL.color), size=11)
    single = [stage.path(runs, Look(ORANGE, (), "o"), width=0.8, head=False) for _ in range(SEEN)]
    average = stage.path(runs, BALANCE, group=f"Average of {COUNT} runs", width=3.5)
    balanced = stage.noted_line(runs, DASHED._replace(color=BALANCE.color), size=11)
    fit = stage.limits(runs, at=np.linspace(0, 1, 6), beside=-0.075, grid=True)
    stage.slider("threshold", threshold, within=(0.1, 12.0))
    stage.slider("share", share)
    stage.slider("batch", batch, within=(1, 100))
    stage.record("threshold")
    stage.record("batch")

    def update(threshold, share, batch):
        middle, found = RARE * share, balance(threshold, share, batch)
        curve.set(np.stack([X, mean_pull(X, threshold, share, batch) / threshold], -1))
        flat = not np.any(np.abs(mean_pull(middle + NEAR, threshold, share, batch)) > 1e-9)
        rest.set([(np.nan if flat else found, 0)])
        mean(f"mean {middle:.3g}", [(middle, -1.1), (middle, 1.1)],
             (middle + (0.12 if middle < 4.5 else -1.05), -0.9))
        theta = walks(threshold, share, batch, steps=STEPS)
        fit(np.append(theta[:, :SEEN] / 1.18, middle))     # 1.18: room above the number
        high = runs.get_ylim()[1]
        close = flat or abs(found - middle) < 0.2 * high
        goal(f"mean {middle:.3g}", [(0, middle), (STEPS, middle)],
             (0.03 * STEPS, middle + 0.12 * high) if close else
             (0.72 * STEPS, middle + 0.05 * high))
        if close:
            balanced()
        else:
            balanced(f"derived {found:.3g}", [(0, found), (STEPS, found)],
                     (0.03 * STEPS, found - 0.05 * high))
        average.over_time(theta.mean(axis=1))
        average.says([f"x = {x:.3g}" for x in theta.mean(axis=1)])
        for path, x in zip(single, theta.T):
            path.over_time(x)
        late = theta[-LATE:].mean()
        above("Nothing pulls near the mean" if flat else
              f"Comes to rest at {found:.3g}; the mean is {middle:.3g}")
        beside(f"Measured, last {LATE} steps: {late:.3g}")
        where = "no pull near the mean" if flat else f"rest at {found:.4g}"
        stage.summary = (f"c {threshold:.3g}, share {share:.3g}, batch {batch}: {where}, mean "
                         f"{middle:.4g}, measured {late:.3g}")

    return update
