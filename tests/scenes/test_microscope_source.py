"""A step, followed line by line: the numbers are those of the run that descend records."""

import functools
import sys

import numpy as np
import pytest

import lessons.steps
from lessons.descend import descend
from lessons.scenes import microscope
from lessons.scenes.microscope.scene import sliders
from lessons.scenes.microscope.source import script
from lessons.scenes.microscope.text import (
    NUMBERS,
    WIDTH,
    filled,
    folded,
    held,
    in_numbers,
    layout,
    number,
)
from lessons.scenes.microscope.tracer import follow, ticking
from lessons.scenes.microscope.vectors import WIDE, edges, labelled, vector
from lessons.steps import adam, line_search, momentum, shampoo, soap
from lessons.surfaces import ravine, rosenbrock

NEED_MORE = {"kfac", "kl_step", "natural_gradient"}      # a Fisher matrix, Kronecker factors
RUNNING = sorted(set(lessons.steps.__all__) - NEED_MORE)


def my_adam(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """A learner's: other names, a line in two, in place, a comment, an empty line."""
    gradient = surface.grad(theta)  # uphill
    t += 1
    m = (beta1 * m
         + (1 - beta1) * gradient)

    # the squares
    v = beta2 * v + (1 - beta2) * gradient**2; corrected = v / (1 - beta2**t)  # noqa: E702
    size = np.zeros_like(v)
    np.sqrt(corrected, out=size)
    size += eps
    theta = theta - lr * m / (1 - beta1**t) / size
    return theta, t, m, v


def looping(surface, theta, *, lr=0.1):
    for half in (1, 2, 4):
        if half == 2:
            continue
        lr = lr / half
    else:
        pass
    while lr > 1:
        lr = lr / 2
    g = surface.grad(theta)
    return theta - lr * g


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.array_equal(a, b) if a is None else np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("surface", [ravine(angle=30), rosenbrock()], ids=lambda s: s.name)
@pytest.mark.parametrize("name", [*RUNNING, "my_adam", "looping"])
def test_what_the_lines_held_is_descends_record_bit_for_bit(name, surface):
    step = getattr(lessons.steps, name, None) or globals()[name]
    run = descend(surface, step, steps=25)
    lines, updates, again, problem = follow(surface, step, None, 25)
    assert problem == "" and same(again.theta, run.theta)
    ticks = ticking(updates)
    ends = [now for now, after in zip(ticks, [*ticks[1:], None])
            if after is None or after.update > now.update]
    assert len(updates) == len(ends) == 25
    for t, (update, end) in enumerate(zip(updates, ends)):
        assert same(update.before["theta"], run.theta[t])
        assert same(end.now["theta"], run.theta[t + 1])
        for state, values in run.state.items():
            assert same(end.now[state], values[t]), (state, t)
        if "g" in end.now:
            with np.errstate(all="ignore"):     # gradient descent leaves Rosenbrock's map
                assert any(same(end.now["g"], surface.grad(look)) for look in run.grad_points[t])


@pytest.mark.parametrize("name", sorted(NEED_MORE))
def test_a_step_that_asks_for_what_the_surface_lacks_says_so_at_its_line(name):
    step = getattr(lessons.steps, name)
    lines, updates, run, problem = follow(ravine(), step, None, 5)
    assert run is None and problem.startswith("TypeError: this step asks for surface.f")
    asking = next(i for i, line in enumerate(lines) if problem.split("surface.")[1].split()[0]
                  in line.code[0])
    assert updates[-1].visits[asking].said == problem and max(updates[-1].visits) == asking
    assert problem in repr(microscope(ravine(), step))


def test_each_line_of_adam_holds_what_its_formula_gives():
    lines, updates, _, _ = follow(ravine(), adam, None, 3)
    assert [line.names for line in lines] == [[n] for n in ("g", "t", "m", "v", "m_hat", "v_hat",
                                                           "theta", "theta")]
    g, t, m, v, m_hat, v_hat, theta, _ = (
        next(iter(updates[0].visits[i].held.values())) for i in range(8))
    np.testing.assert_array_equal(g, ravine().grad(np.array([-1.5, 0.8])))
    assert t == 1
    np.testing.assert_allclose(m, 0.1 * g, rtol=1e-14)
    np.testing.assert_allclose(v, 0.001 * g * g, rtol=1e-14)
    np.testing.assert_allclose(m_hat, g, rtol=1e-14)
    np.testing.assert_allclose(v_hat, g * g, rtol=1e-12)
    np.testing.assert_allclose(theta, [-1.4, 0.7], rtol=1e-6)     # lr sign(g), but for eps


def test_a_loop_shows_its_last_round_and_an_if_which_way_it_went():
    lines, updates, run, _ = follow(ravine(), line_search, None, 5)
    code = [line.code[0].strip() for line in lines]
    of = {row: updates[0].visits.get(i) for i, row in enumerate(code)}
    share = of["share = np.where(enough, share, shrink * share)"].held["share"]
    moved = run.theta[1] - run.theta[0]
    np.testing.assert_allclose(moved, -share * ravine().grad(run.theta[0]), rtol=1e-12)
    rounds = round(-np.log2(share[0])) + 1
    assert of["for _ in range(TRIALS):"].said == f"round {rounds}" == "round 5"
    assert len(run.loss_points[0]) == 1 + rounds
    assert of["if enough.all():"].said == "yes" and "break" in of
    lines, updates, _, _ = follow(ravine(), looping, None, 1)
    visits = {line.code[0].strip(): updates[0].visits.get(i) for i, line in enumerate(lines)}
    assert visits["for half in (1, 2, 4):"].said == "done after 3"
    assert visits["if half == 2:"].said == "no" and visits["while lr > 1:"].said == "no"
    assert visits["lr = lr / 2"] is None and visits["continue"].held == {}
    assert visits["lr = lr / half"].held["lr"] == 0.1 / 4


def test_what_a_line_held_is_safe_from_later_lines_and_from_the_step():
    lines, updates, _, _ = follow(ravine(), my_adam, None, 2)
    of = {line.code[0]: updates[0].visits[i].held for i, line in enumerate(lines)}
    root = of["np.sqrt(corrected, out=size)"]["size"]
    np.testing.assert_array_equal(of["size += eps"]["size"], root + 1e-8)
    assert (of["size = np.zeros_like(v)"]["size"] == 0).all() and (root > 0).all()
    squares = "v = beta2 * v + (1 - beta2) * gradient**2; corrected = v / (1 - beta2**t)"
    assert list(of[squares]) == ["v", "corrected"]


def test_following_leaves_a_tracer_as_it_was_even_when_the_step_raises():
    def raises(surface, theta, *, lr=0.1):
        g = surface.grad(theta)
        try:
            g / [0][1]
        except IndexError:
            g = 2 * g
        raise ValueError("on purpose")

    def mine(*_):
        return None

    before = sys.gettrace()
    try:
        sys.settrace(mine)
        lines, updates, run, problem = follow(ravine(), raises, None, 5)
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is mine and run is None and problem == "ValueError: on purpose"
    assert updates[0].visits[len(lines) - 1].said == problem and len(updates) == 1
    assert [line.code for line in lines if not line.parts] == [["except IndexError:"]]
    assert updates[0].visits[1].said == ""       # that one was caught


# The source and its numbers in words


def test_the_lines_are_those_of_the_source_without_docstring_and_comments():
    for step, count in ((adam, 8), (momentum, 3), (shampoo, 8), (soap, 12),
                        (functools.partial(adam, lr=0.5), 8), (my_adam, 9)):
        lines, owner = script(step)
        text = "\n".join(row for line in lines for row in line.code)
        assert len(lines) == count and '"""' not in text and "#" not in text
        assert not text.startswith(" ") and sorted(set(owner.values())) == [*range(count)]
    assert [line.code for line in lines][2] == ["m = (beta1 * m", "     + (1 - beta1) * gradient)"]


@pytest.mark.parametrize("step", [lambda surface, theta, lr=0.1: theta, type(
    "Step", (), {"__call__": lambda self, surface, theta: theta})(), eval(
        compile("lambda surface, theta: theta", "<nowhere>", "eval"))])
def test_a_step_without_lines_is_answered_with_advice(step):
    with pytest.raises(TypeError, match="write it with def, in a cell or a file"):
        script(step)


@pytest.mark.parametrize(("value", "said"), [
    (0.1, "0.1"), (-0.0, "0"), (3, "3"), (True, "True"), (None, "None"),
    (np.float64(1e-8), "1e-08"),
    (np.array([1.0, -2.34567]), "(1, -2.346)"), (np.array([[2.0], [3.0]]), "column(2, 3)"),
    (np.eye(2), "[(1, 0), (0, 1)]"), (np.array([[7.5]]), "7.5"), ((), "empty"),
    (np.array([True, False]), "(True, False)"), (np.zeros(20), "numbers of shape (20,)"),
    ([1, 2], "2 of them"),
    (np.array([np.nan, np.inf]), "(nan, inf)"), (len, "a builtin_function_or_method")])
def test_a_value_in_few_characters(value, said):
    assert number(value) == said


def test_a_line_in_numbers_puts_them_in_place_of_names():
    lines, updates, _, _ = follow(ravine(), adam, None, 2)
    said = [in_numbers(line, updates[1].visits[i]) for i, line in enumerate(lines)]
    assert said[1] == ["t = 1 + 1"]
    assert said[2][0].startswith("m = 0.9 * (-0.15, 1.6) + (1 - 0.9) * (")
    assert said[7] == [] and in_numbers(lines[0], None) == []
    assert all(len(row) <= NUMBERS for rows in said for row in rows)
    assert held(lines[2], {"m": 0.0}) == "m = 0" and held(lines[4], {"m": 0.0}) == ""
    sums = script(my_adam)[0][1].sums
    assert filled(sums, {"t": 4}) == "4 + 1" and filled(sums, {"t": adam}) == ""


def test_rows_fit_the_page_and_do_not_overlap():
    for name in lessons.steps.__all__:
        lines, _ = script(getattr(lessons.steps, name))
        rows = layout(lines)
        assert all(len(row) <= WIDTH for line in lines for row in folded(line.code))
        for line, (top, at, end), (following, _, _) in zip(lines, rows, [*rows[1:], (99, 0, 0)]):
            assert end <= following and (at is None or top + len(folded(line.code)) == at < end)


# The lens


def test_a_vector_is_two_numbers_or_one_for_both():
    for value, wanted in ((0.0, [0, 0]), (np.array([1.0, 2.0]), [1, 2]), (None, [np.nan] * 2),
                          (np.eye(2), [np.nan] * 2), ("m", [np.nan] * 2), ([3, 4], [3, 4])):
        np.testing.assert_array_equal(vector(value), wanted)


def test_an_edge_is_a_round_number_that_holds_all_of_its_update():
    update = np.array([0, 0, 1, 2, 3])
    ends = [np.array([[0, 1], [0, 16], [0, 0], [np.nan, 3e-7], [np.inf, 9]]), np.zeros((5, 2))]
    np.testing.assert_allclose(edges(ends, update), [20, 20, 1, 4e-7, 10])


def test_names_whose_tips_meet_share_one_label():
    ends = {"g": np.array([[0.0, 1.0], [1.0, 0.0]]), "m": np.array([[0.0, 0.95], [0.0, 0.0]])}
    found = labelled(ends)
    assert found["g"][1] == ["g, m", "g"] and found["m"][1] == ["", ""]


def test_labels_stand_beside_their_tips_inside_the_lens_and_clear_of_each_other():
    random = np.random.default_rng(0)
    for spread in (0.15, 0.4, 1.0):
        ends = {name: random.normal(size=(50, 2)) * spread for name in ("g", "m", "m_hat", "v")}
        ends = {name: np.clip(end, -1.1, 1.1) for name, end in ends.items()}
        found = labelled(ends)
        for t in range(50):
            rects = [(*places[t], 0.13 * len(words[t])) for places, words in found.values()
                     if words[t]]
            for left, middle, long in rects:
                assert -WIDE < left and left + long < WIDE and abs(middle) < 1.1
            for k, (left, middle, long) in enumerate(rects):
                assert not any(left < other + size and other < left + long
                               and abs(middle - at) < 0.3 for other, at, size in rects[k + 1:])


def test_at_most_five_knobs_and_eps_stays_behind_first():
    assert list(sliders(dict(lr=0.1, eps=1e-8, mine=3, beta=0.9))) == ["lr", "eps", "beta"]
    assert list(sliders(dict(lr=0.1, eps=1e-12, beta1=0.9, beta2=0.9, scale=0.1, period=9))) == [
        "lr", "beta1", "beta2", "scale", "period"]
    assert list(sliders(dict(lr=1e9, beta=lambda t, total: 0.9))) == []
