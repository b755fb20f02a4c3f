"""All positions of one slider, packed so that a browser can show each without asking Python.

A recording is one block, compressed with zlib: the length of a JSON text (uint32), the text, padded
with spaces to a multiple of 4 bytes, then the points of every frame (float32), then the pictures
(PNG) if there are several. The text: knob; values, one a frame; others, what the other knobs said;
sizes, how many floats each frame has; pictures, the length of each; frames, what is not the same in
all of them: keys of the scene, of its knobs and of its tracks, and `picture`, which is its own.
"""
import json
import zlib

import numpy as np

COUNT = 61      # values of a slider, unless the knob is a whole number or the scene says otherwise
ROUGH = np.uint32(0xFFFFFC00)       # float32 without its last 10 bits: a 20th of a pixel


def ticks(row, value, count=COUNT):
    """The values that a recorded slider can take: `count` over its range, and the present one."""
    low, high = row["low"], row["high"]
    grid = np.geomspace(low, high, count) if row["log"] else np.linspace(low, high, count)
    if row["whole"]:
        return sorted({*np.round(grid).astype(int).tolist(), int(value)})
    short = [float(f"{x:.3g}") for x in grid.tolist()]       # what the label shows
    return sorted({low, *short[1:-1], high, float(value)})


def rounded(points):
    """float32 points as bytes that compress well and look the same."""
    return (np.ascontiguousarray(points, "<f4").view("<u4") & ROUGH).tobytes()


def packed(knob, values, others, frames):
    """A recording as bytes. frames: a list of (scene, points as bytes, backdrop as PNG)."""
    scenes, points, pictures = zip(*frames)
    kept = list(dict.fromkeys(pictures))
    parts = differences([dict(scene, picture=kept.index(picture))
                         for scene, picture in zip(scenes, pictures)])
    kept = kept if len(kept) > 1 else []        # one for all: the page has it already
    text = json.dumps(dict(
        knob=knob, values=list(values), others=others, sizes=[len(p) // 4 for p in points],
        pictures=[len(picture) for picture in kept], frames=parts)).encode()
    text += b" " * (-len(text) % 4)
    block = b"".join([len(text).to_bytes(4, "little"), text, *points, *kept])
    return zlib.compress(block, 6)


def differences(scenes):
    """For each scene what is not the same in all: {key: value}; in lists of dicts, row by row."""
    first = scenes[0]
    found = [{} for _ in scenes]
    for key in first:
        rows = [scene[key] for scene in scenes]
        if all(row == rows[0] for row in rows):
            continue
        alike = key in ("tracks", "knobs") and len({len(row) for row in rows}) == 1
        for at, row in zip(found, zip(*map(differences, zip(*rows))) if alike else rows):
            at[key] = list(row) if alike else row
    return found
