"""A walk that ends in nan looks like any other such walk, and is no proof of a known mistake."""

import numpy as np
import pytest

from lessons import schedules
from lessons.check import diagnose
from lessons.steps import adagrad, adam, kl_step, sam
from lessons.steps.natural import damped, dot, ratio, solve


def adam_with(v=lambda v, g, b2: b2 * v + (1 - b2) * g * g, share=lambda b, t: 1 - b**t, sign=1):
    """An Adam, got wrong in one part."""

    def step(surface, theta, t=0, m=0.0, v_=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        g, t = surface.grad(theta), t + 1
        m, v_ = beta1 * m + (1 - beta1) * g, v(v_, g, beta2)
        root = np.sqrt(sign * v_ / share(beta2, t))
        return theta - lr * m / (1 - beta1**t) / (root + eps), t, m, v_

    return step


def adagrad_minus(surface, theta, s=0.0, *, lr=0.5, eps=1e-10):
    g = surface.grad(theta)
    s = s - g * g
    return theta - lr * g / (np.sqrt(s) + eps), s


def adagrad_late(surface, theta, s=0.0, *, lr=0.5, eps=1e-10):
    g = surface.grad(theta)
    return theta - lr * g / (np.sqrt(s) + eps), s + g * g


def kl_downside(surface, theta, *, delta=0.01, damping=0.0):
    g = surface.grad(theta)
    d = solve(damped(surface.fisher(theta), damping), g)
    return theta - np.sqrt(ratio(-2 * delta, dot(g, d))) * d


LOST = {
    "v falls": (adam_with(v=lambda v, g, b2: b2 * v - (1 - b2) * g * g), adam),
    "minus in the root": (adam_with(sign=-1), adam),
    "correction upside down": (adam_with(share=lambda b, t: b**t - 1), adam),
    "correction without a power": (adam_with(share=lambda b, t: 1 - b * t), adam),
    "s falls": (adagrad_minus, adagrad),
    "old s": (adagrad_late, adagrad),
    "minus in the length": (kl_downside, kl_step),
}


@pytest.mark.parametrize("name", LOST)
def test_a_walk_to_nan_gets_no_false_name(name):
    mine, reference = LOST[name]
    found = diagnose(mine, reference)
    assert not found.ok and found.mistake is None, found.message


def test_adam_that_counts_from_0_is_still_told():
    def late(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        g = surface.grad(theta)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t + 1, m, v

    assert diagnose(late, adam).mistake == "t starting at 0"


@pytest.mark.parametrize("factor", [0.2, 0.49, -0.5])
def test_a_schedule_that_heeds_no_total_is_not_told_to(factor):
    reference = schedules.step_decay(0.3, 6, 0.5)
    found = diagnose(lambda t, total: 0.3 * factor ** ((t - 1) // 6), reference)
    assert not found.ok and found.mistake is None and "length" not in found.message
    found = diagnose(lambda t, total: 0.29, schedules.constant(0.3))
    assert not found.ok and found.mistake is None and "change" not in found.message


def test_a_climb_that_divides_by_the_length_of_no_gradient_is_rejected():
    def sam_bare(surface, theta, *, lr=0.05, rho=0.05):
        g = surface.grad(theta)
        climb = rho * g / np.sqrt((g * g).sum(-1, keepdims=True))
        return theta - lr * surface.grad(theta + climb)

    assert "flat direction: your move is not a finite number" in diagnose(sam_bare, sam).message
