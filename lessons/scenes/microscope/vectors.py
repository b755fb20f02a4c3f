"""What lies under the microscope's lens: which names are drawn, their scale, and their labels."""
import numpy as np

TALL, WIDE = 1.1, 2.5       # half the lens, in its own units
LETTER, LINE = 0.13, 0.3    # a label's width for each letter, and its height, in the same units
AROUND = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]


def shapes(kinds, most_arrows, most_boxes):
    """(arrows, boxes): the names to draw, those on the gradient's scale and the roots first.

    kinds: name -> its Meaning.
    """
    names = sorted(kinds, key=lambda name: (kinds[name].apart, kinds[name].shape == "box"))
    arrows = [name for name in names if kinds[name].shape == "arrow"]
    return arrows[:most_arrows], [name for name in names if name not in arrows][:most_boxes]


def vector(value):
    """A value as two numbers: a single one, as a state begins with, twice; nan for no numbers."""
    shape = np.shape(value)
    known = shape in ((), (1,), (2,)) and np.asarray(value).dtype.kind in "biuf"
    return np.broadcast_to(np.asarray(value, float), (2,)) if known else np.full(2, np.nan)


def edges(ends, update):
    """(T,): the value at the lens's top edge: for each update, a round number that holds it all.

    ends: [(T, 2)], tips in their own units. update: (T,), the update that each tick belongs to.
    """
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
    """name -> (places, words): each name beside its tip, clear of the others.

    ends: name -> (T, 2), tips in the lens. Names whose tips meet share the label of the first.
    """
    found = {name: ([], []) for name in ends}
    for tips in zip(*(end.tolist() for end in ends.values())):
        groups = []     # [x, y, names]
        for name, (x, y) in zip(ends, tips):
            near = [g for g in groups if abs(g[0] - x) + abs(g[1] - y) < 0.12]
            if near:
                near[0][2].append(name)
            elif abs(x) + abs(y) > 0.06:
                groups.append([x, y, [name]])
        shafts = [(k * x / 8, k * y / 8) for x, y in tips for k in range(9)]
        placed = {}
        for x, y, names in sorted(groups, key=lambda g: -abs(g[0]) - abs(g[1])):
            words = ", ".join(names)
            placed[names[0]] = beside(x, y, LETTER * len(words), placed.values(), shafts), words
        for name in ends:
            (x, y, _), words = placed.get(name, ((np.nan, np.nan, 0), ""))
            found[name][0].append([x, y])
            found[name][1].append(words)
    return {name: (np.array(places), words) for name, (places, words) in found.items()}


def beside(x, y, long, others, shafts):
    """(left, middle, long) of a label beside the tip (x, y), clear of all else where it can be.

    long: the label's width. others: [((left, middle, long), words)] of the labels that stand
    already. shafts: points of the arrows.
    """
    away = sorted(AROUND, key=lambda to: -(to[0] * x + to[1] * y) / abs(complex(*to)))
    first = None
    for far in (0.12, 0.25, 0.4, 0.6, 0.8):
        for a, b in away:
            left, middle = x + far * a + (a - 1) * long / 2, y + (0.1 + far) * b
            if not (0.08 - WIDE <= left <= WIDE - 0.08 - long and abs(middle) <= TALL - LINE / 2):
                continue
            first = first or (left, middle, long)
            if not (any(left < at + size and at < left + long and abs(middle - level) < LINE
                        for (at, level, size), _ in others)
                    or any(left < at < left + long and abs(middle - level) < LINE / 2
                           for at, level in shafts)):
                return left, middle, long
    return first or (max(0.08 - WIDE, min(x + 0.1, WIDE - 0.08 - long)),
                     max(LINE / 2 - TALL, min(y, TALL - LINE / 2)), long)
