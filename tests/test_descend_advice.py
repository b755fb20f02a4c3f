"""What descend says when it cannot walk."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from lessons.descend import descend
from lessons.steps import kfac, natural_gradient, newton
from lessons.surfaces import parabola, ravine
from lessons.views import noisy


def gradient_descent(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


def adam(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    return theta, t, m, v


def returns(value):
    def my_step(surface, theta, m=0.0, *, lr=0.1):
        return value

    return my_step


def bare(value):
    def my_step(surface, theta, *, lr=0.1):
        return value

    return my_step


def no_first_value(surface, theta, lr):
    return theta - lr * surface.grad(theta)


def lr_as_state(surface, theta, lr=0.1):
    return theta - lr * surface.grad(theta)


def no_usual_lr(surface, theta, *, lr):
    return theta - lr * surface.grad(theta)


def named_like_ours(surface, theta, *, lr=0.1, every=5):
    return theta - lr * surface.grad(theta)


ONE, TWO = np.ones(1), np.ones(2)
ADVICE = [
    ({"step": adam, "beta": 0.9}, TypeError,
     "adam has no knob 'beta'; its knobs are lr, beta1, beta2, eps"),
    ({"step": partial(adam, lr=0.1), "beta": 0.9}, TypeError, "adam has no knob 'beta'"),
    ({"step": bare(TWO), "m": 1.0}, TypeError, "my_step has no knob 'm'; its knobs are lr"),
    ({"step": lr_as_state, "lr": 0.1}, TypeError, "'lr' stands before the * of lr_as_state"),
    ({"step": no_first_value, "lr": 0.1}, TypeError, "it goes after a *"),
    ({"step": named_like_ours}, TypeError, "'every' is an argument of descend; call the knob"),
    ({"step": no_usual_lr}, TypeError, "no_usual_lr needs a value for its knob 'lr'"),
    ({"step": lambda theta: theta}, TypeError, "must take a surface and theta"),
    ({"step": "adam"}, TypeError, "a step is a function (surface, theta, ...); got 'adam'"),
    ({"surface": ravine}, TypeError, "call it: ravine()"),
    ({"surface": adam, "step": ravine()}, TypeError, "the surface comes first"),
    ({"surface": "ravine"}, TypeError, "needs a surface; got 'ravine'"),
    ({"steps": 0}, ValueError, "steps must be a whole number, 1 or more; got 0"),
    ({"steps": 2.5}, ValueError, "steps must be a whole number, 1 or more; got 2.5"),
    ({"start": (1, 2, 3)}, ValueError, "Ravine has 2 coordinates, so start has shape (..., 2)"),
    ({"start": 1.0}, ValueError, "got shape ()"),
    ({"start": (np.nan, 1)}, ValueError, "start must be finite numbers of shape (..., 2)"),
    ({"start": "here"}, ValueError, "start must be finite numbers"),
    ({"start": [[1, 2], [3]]}, ValueError, "start must be finite numbers"),
    ({"lr": np.nan}, ValueError, "lr must be a finite number"),
    ({"lr": np.inf}, ValueError, "lr must be a finite number"),
    ({"lr": "0.1"}, ValueError, "got '0.1'"),
    ({"lr": None}, ValueError, "lr must be a finite number"),
    ({"lr": lambda t, total: 0.1 if t < 3 else np.nan}, ValueError, "got nan at step 3"),
    ({"lr": lambda t, total: None}, ValueError, "got None at step 1"),
    ({"lr": np.ones(9)}, ValueError, "lr of shape (9,) does not fit points of shape (2,)"),
    ({"lr": np.ones(9)}, ValueError, "write lr[:, None]"),
    ({"lr": np.ones(9), "surface": parabola()}, ValueError, "write lr[:, None]"),
    ({"surface": noisy(ravine(), 1, seed=range(3)), "start": np.ones((5, 2))}, ValueError,
     "the noise of shape (3, 2) does not fit points of shape (5, 2)"),
    ({"step": returns(TWO)}, ValueError,
     "my_step returned 1 value at step 1; it should return 2, by its signature: theta, m"),
    ({"step": returns((TWO, TWO, TWO))}, ValueError, "my_step returned 3 values at step 1"),
    ({"step": returns((None, TWO))}, ValueError, "my_step returned theta of shape ()"),
    ({"step": bare((TWO, TWO))}, ValueError, "it should return 1, by its signature: theta"),
    ({"step": bare(None)}, TypeError, "returned None, as a function without a return does, at"),
    ({"step": returns(None)}, TypeError, "it should return theta, m, with theta"),
    ({"step": bare("theta")}, TypeError, "my_step returned a str at step 1"),
    ({"step": bare(ONE)}, ValueError,
     "theta of shape (1,) at step 1; it should return theta, with theta an array of shape (2,)"),
    ({"step": bare(np.ones((2, 2)))}, ValueError, "returned theta of shape (2, 2)"),
]


@pytest.mark.parametrize(("asked", "error", "words"), ADVICE)
def test_error_says_what_was_wrong_and_what_to_do(asked, error, words):
    asked = {"surface": ravine(), "step": gradient_descent, "steps": 5} | asked
    with pytest.raises(error) as raised:
        descend(**asked)
    assert words in str(raised.value)


@pytest.mark.parametrize("step, needs", [
    (newton, "surface.hess (its Hessian)"),
    (natural_gradient, "surface.fisher (its Fisher matrix)"),
    (kfac, "surface.factors (Kronecker factors)"),
])
def test_a_step_that_needs_what_the_surface_has_not_says_what(step, needs):
    bare = replace(ravine(), hess=None)
    with pytest.raises(TypeError, match=re.escape(needs) + ", and Ravine has none"):
        descend(bare, step)
