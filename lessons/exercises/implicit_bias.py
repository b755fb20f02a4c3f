"""What the exercises about implicit bias expect, and what they try an answer on."""
import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import one_equation, two_weights


def reached(step):
    """Where a rule ends on one_equation() from (0.01, 0.01), lr 0.1, to three digits."""
    return descend(one_equation(), step, (0.01, 0.01), 400, every=400, lr=0.1).theta[-1].round(3)


def forces(force):
    """The velocities that a function finds at (2, 0) and (1, 3) of two_weights(), for lr 0.2."""
    points = np.array([(2.0, 0.0), (1.0, 3.0)])
    return np.ravel([force(two_weights(), theta, 0.2) for theta in points])


def end_of_walk(lr):
    """The fate of gradient descent on two_weights() from (3, 0.34): "flat", "sharper" or "lost"."""
    theta = descend(two_weights(), gradient_descent, (3.0, 0.34), 600, every=600, lr=lr).theta[-1]
    if not np.isfinite(theta).all() or np.abs(theta).max() > 1e3:
        return "lost"
    return "flat" if theta @ theta < 2.1 else "sharper"


answers = {
    "implicit_bias.1": dict(
        expected=[5, 4],
        hint="First the start of gradient descent, then that of Adam.",
        wrong={
            (4, 5): "These have changed places.",
            (5, 5): "Adam does not move along the example. What is left of it in Adam's steps?",
            (4, 4): "Gradient descent moves along the example itself, not along its signs.",
            (1, 2): "You went forwards: the start lies on the other side of the line.",
            (3, 3): "Then the run would have moved along the second axis alone.",
        },
    ),
    "implicit_bias.2": dict(
        expected=[45, 0.25],
        rtol=1e-3,
        hint="First the angle in degrees, then the share of the first example.",
        wrong={
            (45, 0.75): "That is the second example's share.",
            (45, 0.5): "The angle is right. Equal margins do not mean equal pulls.",
            (26.565, 0.5): "That is the mean of the two examples; its margins are 6 and 4.",
            (0, 1): "Along the first example the second has a margin of 1, and is far less sure.",
            (63.435, 0): "Along the second example the first one is the less sure: 3 against 5, "
            "over the length.",
        },
    ),
    "implicit_bias.3": dict(
        expected=[2.422, 0.156],
        rtol=5e-3,
        hint="Where the rule ends from (0.01, 0.01).",
        wrong={
            (1.998, 1.004): "That is where gradient descent ends: the weights themselves moved "
            "along the example.",
            (1.667, 1.667): "The sizes of the gradient are gone. Nothing asks for a sign here.",
            (1.813, 1.813): "Both weights came equally far: the sizes of the gradient are gone.",
            (0, 0): "It went the wrong way: the logarithm falls where the gradient is positive.",
            (2.384, 0.232): "That is the first part of the exponential's series. The logarithms "
            "then do not stay on a multiple of the example.",
        },
    ),
    "implicit_bias.4": dict(
        expected=[-0.2, 2.8, -12.4, -5.2],
        rtol=1e-3,
        hint="Two numbers at (2, 0), then two at (1, 3).",
        wrong={
            (0, 2, -6, -2): "That is the plain flow, without what the finite step adds.",
            (-0.1, 2.4, -9.2, -3.6): "The gradient of |g|^2 is 2 H g: one factor 2 is missing.",
            (-0.4, 3.6, -18.8, -8.4): "lr / 4 times the gradient of |g|^2, which is 2 H g.",
            (0.2, 1.2, 0.4, 1.2): "The second part has the wrong sign: steep ground is avoided.",
        },
    ),
    "implicit_bias.5": dict(
        expected="flat",
        wrong={
            "sharper": "It ends at a minimum that is sharper than 2.1.",
            "lost": "This one leaves for infinity: a smaller learning rate.",
        },
    ),
    "implicit_bias.6": dict(
        expected=[3.146, 0],
        rtol=1e-3,
        hint="First the factor, then the change of the answer.",
        wrong={
            (9.899, 0): "That is the square of the factor.",
            (0.318, 0): "That works as well, and divides; the question asks for the factor "
            "above 1.",
            (3.162, 0): "Close: a b = 1 leaves 1/A^2 of sharpness for the other weight.",
            (10, 0): "The sharpness is a^2 + b^2.",
        },
    ),
}
