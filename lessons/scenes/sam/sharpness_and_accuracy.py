"""A network whose labels are partly wrong: how flat it ends, and how much it has learned."""
import numpy as np

from lessons.experiments.noisy_labels import (
    DECAYS,
    EVERY,
    LR,
    RADII,
    STEPS,
    means,
    recorded,
    run_of,
)
from lessons.look import BLUE, GREEN, GREY, LOOKS, PURPLE, Look
from lessons.stage import scene
from lessons.stage.stage import INK

SPENT = 2 * np.arange(0, STEPS + 1, EVERY)      # gradients of SAM at the steps that it knows
ONE = np.minimum(2 * np.arange(len(SPENT)), len(SPENT) - 1)     # the others, for as many
NOISES = {"40 % random": 0.4, "all right": 0.0}
HALVES = 0.1, 0.2, 0.5                          # radii that half as many steps are recorded for
VIEW = {0.4: (90, 96), 0.0: (95, 99)}       # per cent, where the runs that learn lie
PLAIN, EACH, DECAY = Look(BLUE, (), "o"), Look(GREY, (), "D"), Look(GREEN, (7, 2), "s")
HALF = Look(PURPLE, (), "X")
LOW, HIGH = 0.3, 6.0                        # curvatures shown
AWAY = np.array([(0.42, 0.1), (0.32, 0.02)])    # an arrow out of the corner, to a dead run


@scene("Flatter, and better?", steps=len(SPENT) - 1, rate=5, height=4.4,
       alt="Left: right answers on clean test images over the gradients, for momentum, for "
           "momentum with weight decay and for SAM, and a cross where SAM with half the steps "
           "ends. Right: right answers after 1,000 steps over the largest curvature there, a dot "
           "for each radius, and a square for momentum with weight decay. From radius 0 to 0.5 "
           "the dots rise to the left, but radius 1 lies outside, far below and to the left: an "
           "arrow points to it.")
def sharpness_and_accuracy(stage):
    """Show the recorded runs of noisy_labels: accuracy on the clean test, and the curvature."""
    curve, end = stage.grid(ncols=2, width_ratios=(1, 1.15))
    curve.set(xlim=(0, 2 * STEPS), xticks=(0, STEPS, 2 * STEPS), xlabel="gradients",
              ylabel="right on the clean test (%)")
    end.set(xlim=(LOW, HIGH), xscale="log", xlabel="largest curvature at the end (flat: left)",
            xticks=(0.5, 1, 2, 4), xticklabels=("0.5", "1", "2", "4"))
    end.minorticks_off()
    heads = [stage.headline(ax) for ax in (curve, end)]
    plain = stage.path(curve, PLAIN, group="momentum", width=2.6)
    shrunk = stage.path(curve, DECAY, group="with weight decay", width=2.6)
    mine = stage.path(curve, LOOKS["SAM"], group="SAM", width=2.6)
    half = stage.marker(curve, HALF, group="SAM, half the steps", size=9)
    dots = [stage.marker(end, EACH, size=7) for _ in RADII]
    away = [stage.arrow(end, EACH, width=2) for _ in RADII]
    names = [stage.text(end, INK, size=11) for _ in RADII]
    square = stage.marker(end, DECAY, size=11)
    beside = stage.text(end, DECAY, size=11)
    here = stage.marker(end, LOOKS["SAM"], size=13)
    stage.choice("rho", RADII, label="radius rho")
    stage.choice("labels", NOISES, label="labels")
    seen = []               # the labels whose axes are drawn

    def update(rho, labels):
        share = NOISES[labels]
        low, high = VIEW[share]
        if seen != [labels]:
            for ax in (curve, end):
                ax.set(ylim=(low, high), yticks=range(low, high + 1, 1 + (high - low) // 6))
            stage.redraw(whole=True)
            seen[:] = [labels]
        told = recorded()["curves"]
        for track, radius, decay in ((plain, 0.0, 0.0), (shrunk, 0.0, DECAYS[share]),
                                     (mine, rho, 0.0)):
            test = np.array(told[f"{share:g}, {radius:g}, {decay:g}"])
            spent = SPENT
            if not radius:
                test, spent = test[ONE], SPENT[ONE] / 2
            track.set(np.stack([spent, test], -1))
            track.says([f"{value:.1f} %" for value in test])
        ends = np.array([place(run_of(share, STEPS, radius, LR, 0.0)) for radius in RADII])
        dead = ends[:, 1] < low
        shown = np.where(dead[:, None], np.nan, ends)       # the dead lie outside the axes
        corner = AWAY * (1, high - low) + (0, low)
        for i, (dot, name, radius) in enumerate(zip(dots, names, RADII)):
            dot.set([shown[i]])
            away[i].set([corner if dead[i] else corner * np.nan])
            if dead[i]:
                label = f"ρ {radius:g}, far off: {ends[i, 1]:.0f} % at {ends[i, 0]:.2f}"
                name.set([corner[0] * (1.08, 1)], [label])
            else:
                name.set([shown[i] * (0.76 if radius else 0.6, 1) - (0, 0.05 * (high - low))],
                         [f"ρ {radius:g}" if radius else "ρ 0: momentum"])
        short = place(run_of(share, STEPS // 2, rho, LR, 0.0))[1] if rho in HALVES else np.nan
        half.set(np.where(SPENT[:, None] < STEPS, np.nan, (STEPS, short)))
        half.says([f"{short:.1f} %" if spent >= STEPS and rho in HALVES else "" for spent in SPENT])
        shrunken = place(run_of(share, STEPS, 0.0, LR, DECAYS[share]))
        square.set([shrunken])
        beside.set([np.array(shrunken) * (0.7, 1) + (0, 0.05 * (high - low))],
                   [f"weight decay {DECAYS[share]:g}"])
        k = RADII.index(rho)
        here.set([shown[k]])
        heads[0](f"ρ {rho:g}: {ends[k, 1]:.1f} % right, without SAM {ends[0, 1]:.1f} %")
        heads[1](f"{STEPS:,} steps, ρ {rho:g}: curvature {ends[k, 0]:.2f}" + (
            ", and it knows nothing" * bool(dead[k])))
        stage.summary = (f"labels {labels}, rho {rho:g}: {ends[k, 1]:.1f} % right at curvature "
                         f"{ends[k, 0]:.2f}; without SAM {ends[0, 1]:.1f} % at {ends[0, 0]:.2f}, "
                         f"with weight decay {shrunken[1]:.1f} % at {shrunken[0]:.2f}; the dots: "
                         + ", ".join(f"rho {radius:g} {right:.1f} % at {bend:.2f}"
                                     for radius, (bend, right) in zip(RADII, ends)))

    return update


def place(run):
    """(curvature, accuracy) at the end of a run, means of all seeds."""
    return means(run, "curvature").mean(), means(run, "test").mean()
