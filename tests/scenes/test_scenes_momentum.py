"""shrink and instalments show what theory and descend say; momentum's scenes keep the rules."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, over_time, tracks, words

from lessons.descend import descend
from lessons.experiments.protocol import weather
from lessons.scenes import instalments, shrink
from lessons.scenes.momentum.instalments import SAME, TOTAL, WALKS
from lessons.scenes.momentum.roots import RULES, behaviour, edge, roots, shrink_factor
from lessons.scenes.momentum.shrink import FEWEST, LR_C, MOST, NEVER
from lessons.steps import gradient_descent, momentum
from lessons.surfaces import parabola, ravine

# The shrink factor

CURVE, CIRCLE, PATH, LOSS = range(4)


def matrix(rule, lr_c, beta):
    """One step on (x, velocity) of a parabola, built from the step itself."""
    columns = []
    for x, velocity in np.eye(2):
        theta, then = RULES[rule](parabola(), np.array([x]), np.array([velocity]), lr=lr_c,
                                  beta=beta)
        columns.append([theta[0], then[0]])
    return np.transpose(columns)


@pytest.mark.parametrize("rule", RULES)
def test_the_roots_are_the_eigenvalues_of_a_step(rule):
    for lr_c, beta in np.random.default_rng(0).uniform((0.01, 0), (4, 0.99), (100, 2)):
        found, wanted = roots(rule, lr_c, beta), np.linalg.eigvals(matrix(rule, lr_c, beta))
        wanted = wanted[np.argsort(-np.abs(wanted), kind="stable")]
        assert found.sum() == pytest.approx(wanted.sum(), abs=1e-9)     # both roots, in any order
        assert found.prod() == pytest.approx(wanted.prod(), abs=1e-9)
        assert np.abs(found) == pytest.approx(np.abs(wanted), abs=1e-6)


@pytest.mark.parametrize("beta", [0.3, 0.9])
def test_the_bottom_is_flat_at_the_root_of_beta_and_nesterovs_is_tilted(beta):
    root = beta**0.5
    inside = np.linspace((1 - root) ** 2, (1 + root) ** 2, 50)[1:-1]
    assert shrink_factor("Momentum", inside, beta) == pytest.approx(root)
    for outside in (0.99 * (1 - root) ** 2, 1.01 * (1 + root) ** 2):
        assert shrink_factor("Momentum", outside, beta) > root
    swinging = np.linspace(((1 - beta) / (1 + beta)) ** 2, 1, 50)[1:-1]
    assert shrink_factor("Nesterov", swinging, beta) == pytest.approx(
        np.sqrt(beta * (1 - swinging)))
    for rule in RULES:
        assert shrink_factor(rule, edge(rule, beta), beta) == pytest.approx(1)


def test_what_a_direction_does_has_a_name():
    assert [behaviour("Momentum", x, 0.9) for x in (0.001, 1.0, 3.799, 3.81)] == [
        "creeps", "swings", "flips", "explodes"]
    assert behaviour("Nesterov", 1.0, 0.9) == behaviour("Momentum", 1.0, 0.0) == "vanishes"


def needs(kept):
    """Steps to 1e-4 of the loss when a step keeps this share of the error, as they are drawn."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.clip(np.log(1e-4) / 2 / np.log(kept), FEWEST, MOST)
    return np.where(np.asarray(kept) < 1, steps, NEVER)


@pytest.mark.parametrize("turn", [
    {}, dict(lr_L=3.306, beta=0.669), dict(condition=1000.0), dict(rule="Nesterov", lr_L=0.5),
    dict(beta=0.0, lr_L=1.98), dict(lr_L=4.2, beta=0.1)])
def test_shrink_shows_the_factors_the_roots_and_the_walk(turn):
    stage = shrink(**turn)
    now = stage.values
    rule, beta, places = now["rule"], now["beta"], (now["lr_L"] / now["condition"], now["lr_L"])
    run = descend(ravine(now["condition"]), RULES[rule], steps=120, lr=places[0], beta=beta)
    for name, lr_c, place in zip(("Floor", "Wall"), places, run.theta.T):
        kept = np.abs(np.linalg.eigvals(matrix(rule, lr_c, beta))).max()
        [dot] = drawn(stage, "marker", CURVE, name)
        assert np.log(dot[0]) == pytest.approx(np.log([lr_c, needs(kept)]), abs=1e-3)
        circle = np.concatenate(drawn(stage, "marker", CIRCLE, name))
        assert circle == pytest.approx(np.stack([roots(rule, lr_c, beta).real,
                                                 roots(rule, lr_c, beta).imag], -1), abs=1e-4)
        with np.errstate(all="ignore"):
            [path], share = drawn(stage, "path", LOSS, name), (place / place[0]) ** 2
        seen = (share > 1e-9) & (share < 1e4)
        assert np.log(path[seen, 1]) == pytest.approx(np.log(share[seen]), abs=1e-3)
    plain, rival, *both = [way for way in drawn(stage, "path", CURVE) if len(way) == len(LR_C)]
    shown = [way for way in both if np.isfinite(way).all()]
    [curve] = shown if beta else [plain]     # without memory the blue curve stands alone
    assert bool(shown) == bool(beta)
    assert np.isfinite(rival).all() == (rule == "Nesterov")      # beside it, for comparison
    beside = [(rival, shrink_factor("Momentum", LR_C, beta))] * (rule == "Nesterov")
    for way, kept in ((plain, abs(1 - LR_C)), (curve, shrink_factor(rule, LR_C, beta)), *beside):
        sloping = abs(kept - 1) > 1e-6      # not on the edge itself, where it leaps
        assert np.log(way[sloping, 1]) == pytest.approx(np.log(needs(kept[sloping])), abs=1e-3)
    assert list(stage.runs) == [rule] and (stage.runs[rule].theta == run.theta).all()


@pytest.mark.parametrize(("turn", "said"), [
    ({}, "keeps 0.949 a step: loss x 1e-4 after 88 steps"),
    (dict(condition=20.0), "after 88 steps"), (dict(condition=200.0), "after 91 steps"),
    (dict(condition=1000.0), "not within 120 steps"),
    (dict(lr_L=400 / 121, beta=81 / 121), "keeps 0.818 a step: loss x 1e-4 after 45 steps"),
    (dict(lr_L=3.36, beta=0.669), "keeps 1.06 a step: it explodes"),
    (dict(rule="Nesterov", condition=1.0), "after 2 steps")])
def test_the_headline_says_what_was_derived(turn, said):
    assert any(said in word for text in words(shrink(**turn), CURVE) for word in text)


@pytest.mark.parametrize(("turn", "with_memory", "without"), [
    ({}, "with memory: 88 steps", "no memory: 459 steps"),
    (dict(condition=1.0), "with memory: 88 steps", "no memory: 1 step"),
    (dict(rule="Nesterov"), "Nesterov: 80 steps", "no memory: 459 steps"),
    (dict(beta=0.0, lr_L=1.98), "no memory: 231 steps", None),
    (dict(beta=0.9, lr_L=2.5), "with memory: 88 steps", None)])
def test_the_slower_one_of_floor_and_wall_counts(turn, with_memory, without):
    said = [text[0] for text in words(shrink(**turn), CURVE) if "step" in text[0]][1:]
    assert [text for text in said if text] == [text for text in (without, with_memory) if text]


def test_the_description_is_that_of_the_rule_and_the_circle_names_its_radius():
    stage = shrink()
    for rule, bottom in (("Nesterov", "tilted"), ("Momentum", "flat bottom")):
        stage.set(rule=rule)
        assert bottom in stage.alt and f"{rule}'s" in stage.alt
    stage.set(beta=0.81)
    assert ["roots; dashed: radius 0.9"] in words(stage, CIRCLE)


# Instalments

COINS, FLOOR, PAID = range(3)

def test_the_instalments_of_one_gradient_add_up_to_the_same():
    stage = instalments(lr=0.03, beta=0.8)
    [coins], [moved] = (drawn(stage, "path", ax, "Momentum") for ax in (COINS, PAID))
    sizes = coins.reshape(-1, 3, 2)[:, 1, 1]
    assert sizes == pytest.approx(0.03 * 0.8 ** np.arange(80), abs=1e-5)
    [plain] = drawn(stage, "path", PAID, "Gradient descent")
    assert plain[1:, 1] == pytest.approx(0.15, abs=1e-4)
    assert moved[-1, 1] == pytest.approx(0.15, abs=1e-4)
    stage.set(without=SAME)
    [plain] = drawn(stage, "path", PAID, "Gradient descent")
    assert plain[1:, 1] == pytest.approx(0.03, abs=1e-4)


@pytest.mark.parametrize("without", [TOTAL, SAME])
def test_the_walks_are_those_of_descend_and_the_floors_those_of_the_variance(without):
    lr, beta, c = 0.05, 0.8, 2.0
    stage = instalments(lr=lr, beta=beta, curvature=c, without=without)
    plain = lr / (1 - beta) if without == TOTAL else lr
    for name, rule, rate, knobs in (("Momentum", momentum, lr, dict(beta=beta)),
                                    ("Gradient descent", gradient_descent, plain, {})):
        place = weather(parabola(c), 1.0)(range(WALKS))
        run = descend(place, rule, steps=80, lr=rate, **knobs)
        assert_drawn(stage, FLOOR, *tracks(stage, "path", FLOOR, name),
                     over_time(np.square(run.theta[..., 0]).mean(axis=1)))
        move, covariance = np.eye(2), 0         # of (x, velocity): P = M P M^T + noise
        b = knobs.get("beta", 0.0)
        move = np.array([[1 - rate * c, -rate * b], [c, b]])
        kick = np.array([-rate, 1.0])
        for _ in range(2000):
            covariance = move @ covariance @ move.T if np.ndim(covariance) else 0
            covariance = covariance + np.outer(kick, kick)
        said = [word for text in words(stage, FLOOR) for word in text if word.startswith("derived")]
        assert f"derived: {covariance[0, 0]:.3g}" in said
        notes = {row["name"]: row["notes"][0] for row in stage.scene["legend"]}
        settled = np.square(run.theta[41:, :, 0]).mean()
        assert notes[name] == f"lr {rate:.3g}: mean of the last 40 steps {settled:.3g}"


def test_rates_that_explode_have_no_floor():
    stage = instalments(lr=10.0)
    assert "One of them explodes" in [word for text in words(stage, FLOOR) for word in text]
    assert "levels inf with memory, inf without" in repr(stage)


@pytest.mark.parametrize("make", [shrink, instalments])
def test_a_recorded_knob_does_not_depend_on_where_it_was_before(make):
    one, other = make(), make()
    other.set(beta=0.3)
    for stage in (one, other):
        stage.set(beta=0.7)
    assert one.data == other.data and one.backdrop == other.backdrop
