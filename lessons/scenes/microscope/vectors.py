"""What lies under the microscope's lens: which names are arrows and boxes, their scale, labels."""
import numpy as np

TALL, WIDE = 1.1, 2.3       # half the lens, in its own units
ROOTED, SIDES = {"v", "v_hat", "s"}, {"v", "v_hat", "s", "h"}       # boxes: of roots, or as it is
NO_ARROW = {"theta", "z", "y", "size", "curvature", "along", "lr_max", "weights", "share", "ratio"}


def shapes(updates, most_arrows, most_boxes):
    """(arrows, boxes): the names that held vectors of theta's space, and means of squares."""
    held = {}
    for update in updates:
        for _, visit in sorted(update.visits.items()):
            for name, value in visit.held.items():
                if np.shape(value) == (2,) and np.asarray(value).dtype.kind == "f":
                    held.setdefault(name, []).append(value)
    if "P" in {name for update in updates for name in update.before}:
        held = {name: held[name] for name in ("g", "m") if name in held}    # the rest lies turned
    boxes = [name for name in held if name in SIDES and not (np.array(held[name]) < 0).any()]
    arrows = [name for name in held if name not in {*NO_ARROW, *boxes}]
    return arrows[:most_arrows], boxes[:most_boxes]


def vector(value):
    """Two numbers, from a vector or from the one number that a state begins with; else nan."""
    shape = np.shape(value)
    known = shape in ((), (1,), (2,)) and np.asarray(value).dtype.kind in "biuf"
    return np.broadcast_to(np.asarray(value, float), (2,)) if known else np.full(2, np.nan)


def edges(ends, update):
    """(T,): a round number for each update, which no coordinate then exceeds in the lens."""
    edge = np.ones(len(update))
    for u in np.unique(update):
        here = np.abs([end[update == u] for end in ends]).reshape(-1, 2) * (TALL / WIDE, 1)
        top = 1.1 * here[np.isfinite(here)].max(initial=0)
        if 0 < top < 1e300:
            decade = 10.0 ** np.floor(np.log10(top))
            edge[update == u] = decade * next(k for k in (1, 1.5, 2, 3, 4, 6, 8, 10)
                                                if k * decade >= 0.999 * top)
    return edge


def labelled(ends):
    """name -> (places, words): a name at each tip; tips that meet share one place."""
    found = {name: ([], []) for name in ends}
    for tips in zip(*(end.tolist() for end in ends.values())):
        groups = []     # [x, y, names]
        for name, (x, y) in zip(ends, tips):
            near = [g for g in groups if abs(g[0] - x) < 0.35 and abs(g[1] - y) < 0.2]
            if near:
                near[0][2].append(name)
            elif abs(x) + abs(y) > 0.06:
                groups.append([x, y, [name]])
        for name in ends:
            x, y, names = next((g for g in groups if g[2][0] == name), (np.nan, np.nan, []))
            words = ", ".join(names)
            long = 0.12 * len(words)
            across = x + 0.1 if x > -0.1 else x - 0.1 - long
            found[name][0].append([max(0.08 - WIDE, min(across, WIDE - long)),
                                   max(-0.98, min(1.25 * y, 0.98))])
            found[name][1].append(words)
    return {name: (np.array(places), words) for name, (places, words) in found.items()}
