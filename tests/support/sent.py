"""What a Stage has sent to the browser, compared with points on axes of any scale."""

import numpy as np

from lessons.stage.tracks import to_fraction
from lessons.steps import adagrad, gradient_descent, rmsprop

THREE = {"Gradient descent": gradient_descent, "Adagrad": adagrad, "RMSprop": rmsprop}


def tracks(stage, kind, ax, group=None):
    """The tracks of one kind on the axes number `ax`, as sent: fractions (T, P, 2)."""
    found, offset = [], 0
    for told in stage.scene["tracks"]:
        size = 2 * told["frames"] * told["perFrame"]
        at = np.frombuffer(stage.data, "<f4", size, 4 * offset)
        offset += size
        if (told["kind"], told["ax"], told["group"]) == (kind, ax, group):
            found.append(at.reshape(told["frames"], told["perFrame"], 2))
    return found


def assert_drawn(stage, ax, found, points):
    """The track shows these points, in data units; far out of the picture it need not."""
    points = np.asarray(points, float)
    wanted = to_fraction(stage.figure.axes[ax], points).reshape(found.shape)
    near = ~(np.abs(wanted) > 50)       # nan stays
    np.testing.assert_allclose(found[near], wanted[near], atol=2e-4)


def over_time(values):
    return np.stack([np.arange(len(values)), values], -1)


def knobs_of(step, beta2):
    return {"beta2": beta2} if step is rmsprop else {}
