"""Three rivals and their knobs; the other names are those of support/scene.py."""

from support.scene import assert_drawn, over_time, tracks  # noqa: F401

from lessons.steps import adagrad, gradient_descent, rmsprop

THREE = {"Gradient descent": gradient_descent, "Adagrad": adagrad, "RMSprop": rmsprop}


def knobs_of(step, beta2):
    """The knobs of a step that has a beta2."""
    return {"beta2": beta2} if step is rmsprop else {}
