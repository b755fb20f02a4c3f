"""What a Stage has sent to the browser, read back as points of its pictures."""

import numpy as np


def drawn(stage, kind, ax, group=None):
    """The tracks of one kind on the axes number `ax`, in data units: [(T, 2) or (T, P, 2)]."""
    found, offset = [], 0
    for told in stage.scene["tracks"]:
        size = 2 * told["frames"] * told["perFrame"]
        at = np.frombuffer(stage.data, "<f4", size, 4 * offset).astype(float)
        offset += size
        axes = stage.figure.axes[told["ax"]]
        if (told["kind"], told["ax"], told["group"]) == (kind, ax, group):
            low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
            at = at.reshape(told["frames"], told["perFrame"], 2)
            if axes.get_yscale() == "log":
                at[..., 1] = low[1] * (high[1] / low[1]) ** at[..., 1]
                at[..., 0] = low[0] + (high[0] - low[0]) * at[..., 0]
            else:
                at = low + (high - low) * at
            found.append(at[:, 0] if told["perFrame"] == 1 else at)
    return found


def words(stage, ax):
    return [t["words"] for t in stage.scene["tracks"] if t["kind"] == "text" and t["ax"] == ax]
