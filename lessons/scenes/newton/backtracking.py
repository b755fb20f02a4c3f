"""Armijo's search along one direction: trial after trial, until the loss has fallen enough."""
import numpy as np
from matplotlib.ticker import MaxNLocator

from lessons.look import GREEN, LOOKS, ORANGE, Look
from lessons.plots import contours
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import gradient_descent, newton, saddle_free_newton
from lessons.surfaces import himmelblau, hyperbola, ravine

TRIALS, NAMED = 9, 3    # at most so many trials are shown, the first ones with their lengths
FINE, MOST = 161, 5     # points of a curve; numbers at an axis
CASES = {
    "hyperbola, Newton": (hyperbola(), newton),
    "ravine, gradient": (ravine(8.0), gradient_descent),
    "Himmelblau, Newton": (himmelblau(), newton),
    "Himmelblau, |H|": (himmelblau(), saddle_free_newton),
}
PROMISE, BAR = Look(INK.color, (2, 2), "o"), Look(ORANGE, (7, 2), "s")
TRIED, ALLOWED = LOOKS["Line search"], Look(GREEN, (), "o")


@scene("Halve it until it is low enough", steps=TRIALS, rate=1.5, height=4.4,
       alt="Left: a map with a point, a direction and the places that are tried along it. Right: "
           "the loss along that direction over the length t, the fall that the slope promises, "
           "the bar of Armijo's rule, and the trials one after the other.")
def backtracking(stage):
    """Search a length along one direction of Newton's step, of |H| or of the gradient."""
    map, along = stage.grid(ncols=2, width_ratios=(1, 1.35))
    map.set(xlabel="x", ylabel="y")
    along.set(xticks=[], yticks=[], xlabel="length t", ylabel="loss")
    heads = [stage.headline(ax) for ax in (map, along)]
    ray = stage.path(map, TRIED, whole=True, width=1.6)
    places = [stage.marker(map, TRIED, size=8) for _ in range(TRIALS)]
    curve = stage.path(along, INK, whole=True, width=3)
    promise = stage.path(along, PROMISE, group="what the slope promises", whole=True, width=1.6)
    bar = stage.path(along, BAR, group="bar: c1 times that", whole=True, width=2.2)
    fine = stage.path(along, ALLOWED, group="lengths that pass", whole=True, width=7)
    dots = [stage.marker(along, TRIED, size=10) for _ in range(TRIALS)]
    names = [stage.text(along, INK, size=11) for _ in range(NAMED)]
    at_map = [stage.text(map, INK, size=11) for _ in range(NAMED)]
    begin = stage.marker(map, INK, size=10), stage.text(map, INK, size=11)
    numbers = [stage.text(along, INK, size=10) for _ in range(MOST + 2)]     # quick, unlike ticks
    for track in (promise, bar, fine):
        track.says([""])
    stage.choice("case", CASES, label="where")
    stage.slider("c1", 1e-4)
    stage.slider("shrink", 0.5)
    stage.slider("lr", 1.0, within=(0.05, 2.0), label="first trial")
    stage.point(map, "start", (2.0, 0.0), label="start")
    stage.record("c1")
    seen = []               # the case whose map is drawn

    def update(case, c1, shrink, lr, start):
        surface, step = CASES[case]
        if seen != [case]:
            map.set(xlim=surface.window[0], ylim=surface.window[1])
            contours(map, surface, animated=True)
            stage.redraw(whole=True)
            seen[:] = [case]
        d = step(surface, start, lr=1.0) - start
        loss, fall = float(surface.loss(start)), float(surface.grad(start) @ d)
        t = lr * shrink ** np.arange(TRIALS)
        found = surface.loss(start + t[:, None] * d)
        last = first_pass(found, loss + c1 * t * fall) if fall < 0 else None
        wide = np.linspace(0, 1.2 * lr, FINE)
        way = surface.loss(start + wide[:, None] * d)
        low, high = view(loss, np.append(way, found))
        along.set(xlim=(-0.12 * lr, 1.2 * lr), ylim=(low, high))
        scale = marked(loss, low, high)
        for k, number in enumerate(numbers):
            y = scale[k] if k < len(scale) else np.nan
            number.set([(-0.115 * lr, y)], [f"{y:.4g}"])
        ray.set([start, start + lr * d])
        curve.set(np.stack([wide, way], -1))
        promise.set([(0, loss), (wide[-1], loss + wide[-1] * fall)])
        bar.set([(0, loss), (wide[-1], loss + c1 * wide[-1] * fall)])
        passes = (way <= loss + c1 * wide * fall) & (wide > 0) & (fall < 0)
        fine.set(np.stack([wide, np.where(passes, low + 0.03 * (high - low), np.nan)], -1))
        shown = TRIALS if last is None else last + 1
        corner, (across, tall) = np.min(surface.window, axis=1), np.ptp(surface.window, axis=1)
        behind = -0.06 * tall if d[1] >= 0 else 0.06 * tall
        for k in range(TRIALS):
            at = np.full((TRIALS + 1, 2), np.nan)
            if k < shown:
                at[k + 1:] = t[k], min(found[k], high - 0.04 * (high - low))
            dots[k].set(at)
            places[k].set(np.where(np.isfinite(at), start + t[k] * d, np.nan))
            if k < NAMED:
                above = " ↑" if found[k] > high else ""
                tilt = np.interp(t[k], wide, np.gradient(way, wide)) * 1.32 * lr / (high - low)
                lifted = 0.05 * (high - low) if abs(tilt) < 0.5 and not above else 0
                names[k].set(at + (0.025 * lr, lifted), [f"t = {t[k]:.3g}{above}"])
                seen_at = (start + t[k] * d - corner) / (across, tall)
                clear = (abs(t[k] * d) > (0.2 * across, 0.2 * tall)).any() and (
                    abs(seen_at - 0.5) < 0.45).all()
                at_map[k].set(places[k].points[:, 0] + (-0.02 * across, 0.06 * tall),
                              [f"{t[k]:.3g}" if clear else ""])
        begin[0].set([start])
        begin[1].set([start + (-0.06 * across, behind)], ["start"])
        heads[0](f"g . d = {fall:.3g}: " + ("down" if fall < 0 else "up" if fall > 0 else "level"))
        heads[1]([f"Loss {loss:.4g} at t = 0", *said(t, found, loss + c1 * t * fall, last)])
        stage.summary = (f"{case}, c1 {c1:.3g}: loss {loss:.4g}, g . d {fall:.4g}; " + "; ".join(
            said(t, found, loss + c1 * t * fall, last)[:shown]))

    return update


def first_pass(found, bar):
    """The number of the first trial whose loss is at or below its bar; None if none is."""
    passes = found <= bar
    return int(passes.argmax()) if passes.any() else None


def view(loss, losses):
    """Limits of the loss: three times what is gained along the way lies above the start."""
    low = losses[np.isfinite(losses)].min()
    reach = max(loss - low, 0.05 * abs(loss), 1e-12)
    return low - 0.25 * reach, loss + 3 * reach


def marked(loss, low, high):
    """The losses whose numbers stand at the axis: the first one, and round ones clear of it."""
    high_enough, gap = low + 0.08 * (high - low), 0.05 * (high - low)
    return [loss, *(y for y in MaxNLocator(MOST).tick_values(low, high)
                    if high_enough < y < high - gap and abs(y - loss) > gap)]


def said(t, found, bar, last):
    """What each trial has to say; after the one that passed, the search stands still."""
    lines = [f"Trial {k + 1}: t = {length:.3g}, loss {now:.4g}"
             + (f" <= {ask:.4g}: yes" if now <= ask and last is not None else f" > {ask:.4g}: no"
                if last is not None else ": no short length helps")
             for k, (length, now, ask) in enumerate(zip(t, found, bar))]
    return lines if last is None else lines[: last + 1] + [lines[last]] * (len(t) - last - 1)
