"""Rivals of every kind in a race: whose steps cost more, don't work on grids, fail, or leave."""

from functools import partial

import numpy as np
import pytest
from PIL import Image
from support.scene import LRS, assert_shows, browser, loss_of, notes, sent

from lessons.descend import descend
from lessons.raster import Backdrop
from lessons.scenes import race
from lessons.scenes.common.runs import until_gone
from lessons.steps import adam, gradient_descent, momentum
from lessons.surfaces import ravine, rosenbrock

RIVALS = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adam": adam}


@pytest.fixture(autouse=True)
def blank_backdrop(monkeypatch):
    """No map is looked at here, and drawing it would take most of the time."""
    monkeypatch.setattr(Backdrop, "pixels", lambda self: Image.new("RGB", (2, 2)))


def joined(surface, theta, *, lr=0.1):
    """Works for one run only: the norm of a grid's gradients joins all of its runs."""
    g = surface.grad(theta)
    return theta - lr * g / (1 + np.linalg.norm(g))


def single(surface, theta, *, lr=0.1):
    """Fails for a grid."""
    return theta - float(lr) * surface.grad(theta)


def twice(surface, theta, *, lr=0.1):
    """Looks twice per step, as SAM does."""
    return theta - lr * surface.grad(theta + 0.05 * surface.grad(theta))


def blind(surface, theta, *, lr=0.1):
    """Asks for no gradient at all."""
    ends = [surface.loss(theta + 1e-6 * e) - surface.loss(theta - 1e-6 * e) for e in np.eye(2)]
    return theta - lr * np.stack(ends, -1) / 2e-6


def test_each_at_its_best_is_the_best_of_a_loop_over_its_learning_rates():
    rivals = RIVALS | {"joined": joined, "single": single, "twice": twice, "blind": blind}
    stage = race(rosenbrock, rivals, steps=40, rates="each at its best")
    for name, step in rivals.items():
        steps = 20 if step is twice else 40
        runs = [descend(rosenbrock(), step, steps=steps, lr=lr).loss for lr in LRS]
        ends = [(loss[-1], lr) for loss, lr in zip(runs, LRS) if np.isfinite(loss[-1])]
        loss, lr = min(ends, default=(np.nan, 0.05))        # the usual rate, where all have left
        said = f"lr {lr:.3g}: loss {loss:.2g}" if ends else "lr 0.05: diverged at step"
        assert notes(stage, name)[-1].startswith(said)


def test_the_best_is_found_anew_for_another_surface_start_or_budget():
    stage, found = race(ravine, {"Adam": adam}, steps=20, rates="each at its best"), set()
    for turn in (dict(start=(0.5, 0.1)), dict(condition=2.0), dict(steps=60), dict(start=(2, 1))):
        stage.set(**turn)
        surface, start = ravine(stage.values["condition"]), stage.values["start"]
        best = min(LRS, key=lambda lr: descend(surface, adam, start, stage.steps, lr=lr).loss[-1])
        assert notes(stage, "Adam")[-1].startswith(f"lr {best:.3g}: ")
        found.add(best)
    assert len(found) > 1


def test_the_legend_says_when_a_rival_reaches_the_target():
    stage = race(ravine, RIVALS, lr=0.05, steps=40, target=0.1)
    for name, step in RIVALS.items():
        loss = descend(ravine(), step, steps=40, lr=0.05).loss
        first = np.flatnonzero(loss <= 0.1)[:1]
        said = [("target at" in note) for note in notes(stage, name)]
        assert said == [bool(len(first)) and t >= first[0] for t in range(41)]
        assert all(note.endswith(f"target at {first[0]}") for note in np.array(
            notes(stage, name))[said])


def test_a_step_that_looks_twice_gets_half_the_steps_and_its_label_counts_looks():
    run = descend(ravine(), twice, steps=15, lr=0.2)
    stage = race(ravine, {"twice": twice}, lr=0.2, steps=30)
    gone = np.flatnonzero(run.loss > 1e6 * run.loss[0])[0]
    label = f"lr 0.2: diverged at step {2 * gone}"
    assert notes(stage, "twice")[2 * gone:] == [label] * (31 - 2 * gone)
    assert all(loss_of(notes(stage, "twice")[t]) == pytest.approx(run.loss[t // 2], rel=0.06)
               for t in range(2 * gone))
    assert descend(ravine(), twice, steps=8, lr=0.1).diverged_at == 7
    stage.set(lr=0.1, steps=13)         # its seventh step would be its fourteenth look
    assert "diverged" not in repr(stage)


def test_a_step_that_never_looks_pays_for_one_look_per_step():
    assert_shows(race(ravine, {"blind": blind}, steps=30), ravine(), "blind", blind, 0.05, 30)


def bold(surface, theta, *, lr=0.1):
    if lr > 0.5:
        raise ValueError("too bold")
    return theta - lr * surface.grad(theta)


def unwritten(surface, theta, *, lr=0.1):
    raise NotImplementedError


@pytest.mark.parametrize(("step", "words"), [
    (bold, "too bold"), (unwritten, "not written yet"),
    (lambda surface, theta, *, lr=0.1: theta[:1], "<lambda> returned theta of shape (1,)"),
    (lambda surface, theta, *, lr=0.1: None, "returned None"),
    (lambda surface, theta, lr=0.1: theta, "'lr' stands before the *"),
])
def test_a_rival_that_fails_says_so_in_its_place_and_the_others_race_on(step, words):
    stage = race(lambda: ravine(3), {"mine": step, "Adam": adam}, lr=0.7, steps=20)
    assert len(notes(stage, "mine")) == 1 and fails(stage, words)
    assert np.isnan(sent(stage, "mine")["way"][0]).all() and stage.scene["error"] == ""
    assert_shows(stage, ravine(3), "Adam", adam, 0.7, 20)
    browser(stage, lr=0.05, seq=1)
    if step is bold:
        assert_shows(stage, ravine(3), "mine", gradient_descent, 0.05, 20)
        assert stage.scene["notice"] == ""
        stage.set(rates="each at its best")
        assert 0.3 < float(notes(stage, "mine")[0][3:].split(":")[0]) < 0.5
    else:
        assert fails(stage, words)


def fails(stage, words):
    """Whether the legend says so briefly, and the message, for the page and in words, in full."""
    brief = notes(stage, "mine")[0]
    full = brief if brief == "not written yet" else f"mine {brief}: "
    return len(brief) < 40 and all(words in said and full in said for said in (
        brief if full is brief else stage.scene["notice"], repr(stage)))


def fails_third(surface, theta, t=0, *, lr=0.1, at=3):
    if t == at - 1:
        raise KeyError("a message that is much longer than the place beside a name " * 3)
    return theta, t + 1


@pytest.mark.parametrize(("step", "brief"), [
    (fails_third, "raised KeyError at step 3"),
    (partial(fails_third, at=2), "raised KeyError at step 2"),
    (lambda surface, theta, *, lr=0.1: (theta, 0), "raised ValueError at step 1"),
    (lambda surface, theta, m, *, lr=0.1: theta, "raised TypeError before step 1")])
def test_a_message_is_readable_in_full_and_says_at_which_step(step, brief):
    stage = race(ravine, {"mine": step, "Adam": adam}, steps=20)
    assert notes(stage, "mine") == [brief]
    [line] = stage.scene["notice"].splitlines()
    with pytest.raises((KeyError, TypeError, ValueError)) as failed:
        descend(ravine(), step, steps=20, lr=0.05)
    assert line == f"mine {brief}: {failed.value}" and "mine" not in stage.runs


def test_integers_from_a_rival_are_taken_as_the_numbers_they_are():
    stage = race(ravine, {"whole": lambda surface, theta, *, lr=0.1: np.array([1, -1])}, steps=10)
    assert np.allclose(sent(stage, "whole")["way"][0][1:], [1, -1], atol=1e-5)


def test_a_run_that_leaves_is_cut_at_the_window_and_labelled_with_its_step():
    stage = race(ravine, RIVALS, lr=0.25, steps=40)
    run = descend(ravine(), gradient_descent, steps=40, lr=0.25)
    step = next(t for t, loss in enumerate(run.loss) if not loss <= 1e6 * run.loss[0])
    at, words = sent(stage, "Gradient descent")["gone"]
    label = f"Gradient descent: diverged at step {step}"
    assert words == [""] * step + [label] * (41 - step) and label.split(": ")[1] in repr(stage)
    assert sum("diverged" in note for note in notes(stage, "Gradient descent")) == 41 - step
    inside = np.abs(run.theta[:, 1]) <= 1.75
    last = np.flatnonzero(inside & (np.abs(run.theta[:, 0]) <= 2.8))[-1]
    assert np.isfinite(sent(stage, "Gradient descent")["way"][0][: last + 2]).all()
    assert np.isnan(sent(stage, "Gradient descent")["way"][0][last + 2:]).all()
    labels = [sent(stage, name)["gone"][0][0, 1] for name in RIVALS]
    assert np.diff(labels).max() < -0.1      # one below the other


@pytest.mark.parametrize(("path", "kept"), [
    ([(0, 0), (1, 0), (0, 1)], 3),                              # never leaves
    ([(0, 0), (3, 0), (4, 0), (5, 0)], 2),                      # leaves for good
    ([(0, 0), (3, 0), (4, 0), (1, 1), (9, 0), (9, 9)], 5),      # comes back once
    ([(9, 9), (8, 8), (7, 7)], 2),                              # starts outside
    ([(0, 0), (np.nan, 0), (np.nan, np.nan)], 2),               # not even a number
])
def test_a_path_ends_one_step_after_it_was_last_seen(path, kept):
    cut = until_gone(np.array(path, float), ((-2, 2), (-1, 1)))
    assert np.array_equal(cut[:kept], np.array(path, float)[:kept], equal_nan=True)
    assert np.isnan(cut[kept:]).all()


@pytest.mark.parametrize(("rivals", "advice"), [
    ({}, "names with steps"), ([adam], "names with steps"),
    ({"mine": lambda surface, theta: theta}, "mine can't race: its step needs a knob lr"),
    ({"mine": lambda surface, theta, *, lr: theta}, "def step.*lr=0.1"),
])
def test_rivals_that_cannot_race_are_turned_away_with_advice(rivals, advice):
    with pytest.raises(TypeError, match=advice):
        race(ravine, rivals)
