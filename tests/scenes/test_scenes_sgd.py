"""The scenes on noise and batches show what theory derives and descend walks."""

import numpy as np
import pytest
from support.scene import drawn

from lessons.descend import descend
from lessons.scenes import agree, batch_bill, noise_cloud, poll, ways_down
from lessons.scenes.sgd.batch_bill import (
    EXAMPLES,
    FRAMES,
    GOAL,
    READ,
)
from lessons.scenes.sgd.noise_cloud import LATE, RUNS, SEEN, START, STEPS
from lessons.scenes.sgd.poll import EXAMPLES as ASKED
from lessons.steps import gradient_descent
from lessons.surfaces import parabola, ravine
from lessons.views import noisy


def dots(points):
    """The middles of the short dashes that a curve of dots is made of: (N, 2)."""
    points = points.reshape(-1, 3, 2)
    return points[:, :2].mean(axis=1)


def test_the_arrows_of_the_poll_end_at_the_means_of_its_batches():
    stage = poll(batch=16, theta=(0.5, -1.0))
    [exact], [one] = (drawn(stage, "arrow", 0, name) for name in ("All examples", "One batch"))
    tips = dots(drawn(stage, "curve", 0)[0][0])
    np.testing.assert_allclose(one[1:, 1], tips, atol=1e-5)     # float32 fractions of the axes
    np.testing.assert_allclose(exact[0, 0], (0.5, -1.0), atol=1e-5)
    [mean] = drawn(stage, "marker", 0, "Mean of the batches so far")
    np.testing.assert_allclose(mean[-1], tips.mean(axis=0), atol=1e-5)
    # unbiased: the mean of 200 lies within 4 of its standard errors
    error = np.sqrt(np.square(tips - exact[0, 1]).sum(axis=1).mean())
    assert np.linalg.norm(mean[-1] - exact[0, 1]) < 4 * error / np.sqrt(200)


def test_the_circle_of_the_poll_is_as_wide_as_the_error_on_the_right():
    stage = poll(batch=16)
    [circle] = drawn(stage, "curve", 0)[1]
    [exact], [[error]] = drawn(stage, "arrow", 0, "All examples"), drawn(stage, "marker", 1)
    wide = np.sqrt(np.square(circle - exact[0, 1]).sum(axis=1))
    np.testing.assert_allclose(wide, error[1], rtol=1e-3)


@pytest.mark.parametrize(("drawing", "last"), [("each example once", 0.0),
                                               ("with replacement", 1.0)])
def test_the_error_of_the_poll_falls_as_the_law_says(drawing, last):
    one, all_ = (poll(batch=size, drawing=drawing) for size in (1, ASKED))
    [law] = drawn(one, "path", 1)
    [here], [there] = drawn(one, "marker", 1), drawn(all_, "marker", 1)
    assert here[0, 1] == pytest.approx(law[0, 1], rel=0.15)     # 200 draws of a length
    root = law[0, 1] / np.sqrt(ASKED)
    assert there[0, 1] == pytest.approx(last * root, rel=0.15, abs=0.015)


def test_the_cloud_is_that_of_descend_on_a_noisy_ravine():
    stage = noise_cloud(lr=0.07, batch=4, condition=6.0, seed=2)
    place = noisy(ravine(6.0), 0.5, seed=2, runs=RUNS)
    run = descend(place, gradient_descent, START, STEPS, lr=0.07)
    cloud = drawn(stage, "curve", 0)[0]
    for t in (0, 5, STEPS):
        np.testing.assert_allclose(dots(cloud[t]), run.theta[t, :SEEN], atol=1e-5)
    for name, k, weight in (("Flat direction", 0, 0.5), ("Steep direction", 1, 3.0)):
        [path] = drawn(stage, "path", 1, name)
        wanted = weight * np.square(run.theta[..., k]).mean(axis=1)
        np.testing.assert_allclose(np.log(path[:, 1]), np.log(wanted), atol=1e-4)


def test_the_dotted_lines_of_the_cloud_are_the_floors_of_the_lesson():
    stage = noise_cloud(lr=0.1, condition=4.0)
    flat, steep = (path[:, 1] for path in drawn(stage, "path", 1)[:2])
    V = np.array([0.1 / (2 - 0.1), 0.1 / (4 * (2 - 0.4))]) / 2 * [1, 4]
    np.testing.assert_allclose([flat, steep], np.stack([V, V], 1), rtol=1e-3)     # level lines
    for name, floor in zip(("Flat direction", "Steep direction"), V):
        late = drawn(stage, "path", 1, name)[0][LATE:, 1].mean()
        assert late == pytest.approx(floor, rel=0.1)        # 2,000 runs, correlated steps
    [_, _, before, *_] = drawn(noise_cloud(lr=0.05), "path", 1)
    np.testing.assert_allclose(before[:, 1], V[0], rtol=1e-3)      # lr 0.1 stays as a line
    assert "flat" in repr(stage) and drawn(noise_cloud(lr=0.6, condition=4.0), "path", 1)


def test_the_curves_of_the_bill_are_the_means_of_runs_of_descend():
    stage = batch_bill(lr=0.002, sigma=2.0)
    for size in (16, 64):
        lr, steps = 0.002 * size, EXAMPLES // size
        place = noisy(ravine(10.0), 2.0 / np.sqrt(size), seed=0, runs=4000)
        start = (2.0, np.sqrt(0.4))
        loss = descend(place, gradient_descent, start, steps, lr=lr).loss.mean(axis=1)
        [waits], [reads] = (drawn(stage, "path", ax, f"batch {size}") for ax in (0, 1))
        np.testing.assert_allclose(waits[-1], [steps, loss[-1]], rtol=0.06)     # 4,000 squares
        np.testing.assert_allclose(reads[-1], [EXAMPLES, loss[-1]], rtol=0.06)
        made = READ[FRAMES // 2 :: 8] // size
        np.testing.assert_allclose(waits[FRAMES // 2 :: 8, 1], loss[made], rtol=0.06)


def test_every_batch_of_the_bill_comes_to_the_goal_as_soon_as_its_mark_says():
    stage = batch_bill(rule="best for each")
    for size in (1, 4, 16, 64, 256):
        [waits] = drawn(stage, "path", 0, f"batch {size}")
        [[[steps, examples]]] = drawn(stage, "marker", 2, f"batch {size}")
        assert examples == pytest.approx(size * steps, rel=1e-3)
        first = waits[(waits[:, 1] <= GOAL).argmax(), 0]
        # a frame is 7 % of the way, and a curve has whole steps
        assert 0.95 * steps < first < 1.08 * steps + 1
        [name] = drawn(stage, "text", 2, f"batch {size}")
        np.testing.assert_allclose(name, 1.25 * np.array([[steps, examples]]), rtol=1e-3)

def test_the_same_runs_are_drawn_over_steps_and_over_examples():
    for rule in ("same lr", "linear", "best for each"):
        stage = batch_bill(rule=rule)
        for size in (1, 4, 16, 64, 256):
            [waits], [reads] = (drawn(stage, "path", ax, f"batch {size}") for ax in (0, 1))
            np.testing.assert_allclose(reads[:, 1], waits[:, 1], rtol=1e-3)
            made = waits[:, 0] > 0.9
            np.testing.assert_allclose(reads[made, 0], size * waits[made, 0], rtol=1e-3)


def test_at_the_same_rate_a_small_batch_pays_more_than_at_its_best():
    stage = batch_bill(rule="best for each", sigma=2.0)
    starved = batch_bill(rule="same lr", sigma=2.0)
    paid = drawn(starved, "marker", 2, "batch 4")[0][0]
    assert paid[1] > 5 * drawn(stage, "marker", 2, "batch 4")[0][0, 1]


def test_each_way_down_is_the_walk_of_descend_and_its_derived_mean_square():
    stage = ways_down(curvature=0.5, lr=0.3, scale=2.0, seed=4, average="the second half")
    place = noisy(parabola(0.5), 1.0, seed=4)
    still = descend(place, gradient_descent, (-2.0,), 500, lr=0.3).theta[:, 0]
    falls = descend(place, gradient_descent, (-2.0,), 500, lr=lambda t, total: 2 / t).theta[:, 0]
    for name, x in (("Constant", still), ("Falling, a / t", falls)):
        np.testing.assert_allclose(drawn(stage, "path", 0, name)[0][:, 1], x, atol=1e-4)
    [mean] = drawn(stage, "path", 0, "Mean of constant")
    assert mean[-1, 1] == pytest.approx(still[251:].mean(), abs=1e-4)
    assert np.isnan(mean[:250, 1]).all() and mean[250, 1] == pytest.approx(still[250], abs=1e-4)
    ends = [drawn(stage, "path", 1, name)[0][-1, 1] for name in
            ("Constant", "Falling, a / t", "Mean of constant")]
    # lr / (c (2 - lr c)); a^2 / (t (2 a c - 1)); 1 / (c^2 n), less what the finite sum adds
    assert ends == pytest.approx([0.3 / (0.5 * 1.85), 4 / (500 * 1), 4 / 250], rel=0.06)


@pytest.mark.parametrize(("d", "batch"), [(0.7, 1), (0.0, 4)])
def test_sgd_on_four_examples_is_as_far_as_many_runs_are(d, batch):
    stage, lr, rng = agree(sigma=d, lr=0.2, batch=batch), 0.2, np.random.default_rng(1)
    [path] = drawn(stage, "path", 1, "SGD")
    x = np.full(100_000, -2.0)
    for t in range(1, 31):
        bend = rng.choice([0.2, 1.8], (batch, len(x)))
        x = x - lr * (bend * (x - rng.choice([-d, d], bend.shape))).mean(axis=0)
        if t in (1, 5, 30):     # four standard errors of 100,000 squares
            assert path[t, 1] == pytest.approx(np.square(x).mean(), rel=0.05)
    [exact] = drawn(stage, "path", 1, "Exact gradient")
    run = descend(parabola(), gradient_descent, (-2.0,), 30, lr=lr).theta[:, 0]
    np.testing.assert_allclose(np.log(exact[:31, 1]), np.log(run**2), atol=1e-4)


def test_the_thick_curve_is_the_mean_of_the_four_examples():
    curves = [curve[:, 1] for curve in drawn(agree(sigma=0.5), "path", 0)]
    np.testing.assert_allclose(curves[4], np.mean(curves[:4], axis=0), atol=1e-5)
    assert {len(curves)} == {5}
