"""Adam's experiments against derivations and against walks taken one by one."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import adam as measure
from lessons.experiments import decay_map
from lessons.experiments.protocol import seed_sets
from lessons.networks import digits
from lessons.steps import adam, rmsprop
from lessons.surfaces import parabola, ravine
from lessons.views import noisy


def walk(gradients, beta1=0.9, beta2=0.999, corrected=True):
    """Adam's moves over lr along one coordinate's gradients, from the formulas; eps is 0."""
    m = v = 0.0
    moves = []
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        by = (1 - beta2**t) ** 0.5 / (1 - beta1**t) if corrected else 1.0
        moves.append(-by * m / v**0.5)
    return np.array(moves)


def test_late_moves_are_those_of_single_walks_and_as_long_as_derived():
    derived = [measure.expected_move(noise) for noise in (0.0, 1.0, 3.0, np.inf)]
    assert derived == pytest.approx([1, 0.7255, 0.3839, 0.2294], rel=1e-3)
    for (seed,) in measure.SETS:    # 400 coordinates, of which about one move in ten is independent
        found = [measure.late_moves(noise, 0.9, seed) for noise in (0.0, 1.0, 3.0, np.inf)]
        assert found == pytest.approx(derived, rel=0.03)
    gradients = 1 + 3 * np.random.default_rng(10).standard_normal((100, 400))
    alone = np.array([walk(gradients[:, k]) for k in range(400)])[:, 60:]
    assert measure.late_moves(3.0, 0.9, 10) == pytest.approx(np.sqrt((alone**2).mean()), rel=1e-3)


@pytest.mark.parametrize("t", [1, 2, 10, 5000])
def test_the_expected_move_is_that_of_the_weights_in_the_average(t):
    weights = 0.2 * 0.8 ** np.arange(t) / (1 - 0.8**t)
    kept = (weights**2).sum()
    assert measure.expected_move(np.inf, t, 0.8) == pytest.approx(kept**0.5, rel=1e-9)
    assert measure.expected_move(2.0, t, 0.8) == pytest.approx(((1 + 4 * kept) / 5) ** 0.5,
                                                               rel=1e-9)


def test_without_correction_first_move_peak_and_end_are_those_of_the_formula():
    found = measure.without_correction([0.99, 0.999, 0.9999]).set_index("beta2")
    t = np.arange(1, 2001)
    for beta2, row in found.iterrows():
        moves = (1 - 0.9**t) / np.sqrt(1 - beta2**t)
        wanted = [moves[0], moves.max(), moves.argmax() + 1, moves[-1]]
        assert row.tolist() == pytest.approx(wanted, rel=1e-3)
        assert measure.too_long(t, 0.9, beta2) == pytest.approx(moves)
        assert -walk(np.ones(50), 0.9, beta2, corrected=False) == pytest.approx(moves[:50])
    x = 1.256431        # e^x = 1 + 2x
    assert np.exp(x) == pytest.approx(1 + 2 * x, rel=1e-6)
    assert found.at[0.9999, "at step"] == round(x / -np.log(0.9))


def test_what_is_left_of_idle_weights():
    """Adam + L2 from an own loop; AdamW from its formula."""
    start = np.random.default_rng(0).uniform(-1 / 8, 1 / 8, 192)
    for decay in (1e-4, 1e-2):
        theta, m, v = start, 0.0, 0.0
        for t in range(1, 101):
            g = decay * theta
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            theta = theta - 0.01 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        l2, w = measure.left_of_idle(decay, 0.01, 100, 0)
        assert l2 == pytest.approx(abs(theta).mean() / abs(start).mean(), rel=1e-6)
        assert w == pytest.approx((1 - 0.01 * decay) ** 100, rel=1e-12)
    left = [measure.left_of_idle(decay, 0.01, 200, 0)[0] for decay in (1e-4, 1e-2)]
    assert left[0] == pytest.approx(left[1], rel=0.05)
    assert left[1] == pytest.approx(0.9**100, rel=0.5)      # and the brake, up to a start's share


@pytest.mark.parametrize("lr", [0.01, 0.3])
def test_a_step_of_adam_multiplies_areas_by_beta1(lr):
    """Two points beside one another, moved with one and the same v: their areas in (x, m)."""
    place, beta1, v, t = parabola(3.0), 0.7, 5.0, 9
    pairs = np.array([[0.4, 0.2], [1.4, 0.2], [0.4, 1.2]])      # (x, m): a corner and two sides
    after = []
    for x, m in pairs:
        g = place.grad(np.array([x]))
        fixed = (v - 0.001 * g**2) / 0.999      # so that v is the same after each of the three
        theta, _, m, _ = adam(place, np.array([x]), t, m, fixed, lr=lr, beta1=beta1)
        after.append([theta[0], m[0]])
    sides = np.subtract(after[1:], after[0])
    assert np.linalg.det(sides) == pytest.approx(beta1, rel=1e-6)


def test_noisy_losses_are_those_of_own_loops_with_the_same_noise():
    hard = np.diag(ravine().hess(ravine().start))
    for name, beta1 in (("RMSprop", 0), ("Adam", 0.9)):
        for seed in (0, 10):
            found = measure.noisy_loss(name, (0.03, 0.3), 30, seed)
            for lr, seen in zip((0.03, 0.3), found):
                theta, m, v, loss = np.tile(ravine().start, (200, 1)), 0.0, 0.0, []
                for t in range(1, 31):
                    g = hard * theta + np.random.default_rng((seed, t)).standard_normal((200, 2))
                    m, v = beta1 * m + (1 - beta1) * g, 0.999 * v + 0.001 * g * g
                    by = (1 - 0.999**t) ** 0.5 / (1 - beta1**t)
                    theta = theta - lr * by * m / np.sqrt(v)
                    loss.append((0.5 * hard * theta**2).sum(-1).mean())
                assert seen == pytest.approx(np.mean(loss[-10:]), rel=2e-3)


def test_a_rarer_gradient_fools_a_longer_memory():
    """2,500 at every 2,000th step fools even 0.999."""
    assert measure.net_climb(2500.0, 2000, beta2=0.999) == pytest.approx(10.87, abs=0.01)
    many = walk(np.tile([-1.0] * 1999 + [2500.0], 12)).reshape(12, 2000)
    assert many[6:].sum(axis=1).mean() == pytest.approx(10.87, abs=0.1)


def test_in_one_picture_averaging_mends_the_floor_of_the_large_rate():
    """RMSprop, as it is, beside Adam with the same beta2; the floors of 0.3 and of 0.03."""
    valley = noisy(ravine(), 1.0, runs=200)
    starts = np.tile(ravine().start, (200, 1))
    floor = {}
    for lr in (0.03, 0.3):
        for rule, knobs in ((rmsprop, {}), (adam, {"beta2": 0.99})):
            loss = descend(valley, rule, starts, steps=400, lr=lr, **knobs).loss.mean(axis=1)
            floor[rule, lr] = loss[300:].mean()
            if rule is rmsprop:
                assert loss[0] == pytest.approx(7.525) and loss[50:].max() < 0.45
                dip = loss[20:60].mean() / loss[300:].mean()    # v remembers the first gradients
                assert (0.5 < dip < 0.7) if lr == 0.3 else dip > 1
    assert floor[rmsprop, 0.3] == pytest.approx(21 * floor[rmsprop, 0.03], rel=0.05)
    assert floor[rmsprop, 0.3] == pytest.approx(2.8 * floor[adam, 0.3], rel=0.05)
    assert floor[rmsprop, 0.03] < 1.4 * floor[adam, 0.03]


def test_with_adams_correction_rmsprop_has_the_same_floors_and_only_begins_later():
    """The second picture's RMSprop, Adam with beta1 0, beside that of the first picture."""
    valley = noisy(ravine(), 1.0, runs=200)
    starts = np.tile(ravine().start, (200, 1))
    for lr in (0.03, 0.3):
        plain = descend(valley, rmsprop, starts, steps=400, lr=lr).loss.mean(axis=1)
        corrected, averaged = (descend(valley, adam, starts, steps=400, lr=lr, beta1=beta1,
                                       beta2=0.99).loss.mean(axis=1) for beta1 in (0.0, 0.9))
        assert corrected[390:].mean() == pytest.approx(plain[390:].mean(), rel=0.12)
        if lr == 0.03:
            assert corrected[10] > 20 * plain[10] and corrected[10] < 1.1 * averaged[10]
            for loss in (corrected, averaged):      # both dip and rise again
                assert loss[150:200].mean() < 0.85 * loss[390:].mean()


def test_a_late_first_gradient_moves_adam_as_far_as_a_start_without_correction():
    """After a long silence the hats are 1: the first move is 3.16 lr, the twelfth 6.57."""
    moves = walk(np.r_[np.full(20000, 1e-9), np.ones(12)])[20000:]      # not 0, which is 0 / 0
    assert -moves == pytest.approx(measure.too_long(np.arange(1, 13)), rel=1e-3)


def test_under_l2_the_decay_s_part_of_a_move_in_noise_is_that_over_the_gradients_size():
    """Of the mean move; and where the gradient is steady, the decay changes no move at all."""
    noise = np.random.default_rng(1).standard_normal((400, 4000))
    for size in (1.0, 0.1):
        mean = [walk(size * noise + pull)[200:].mean() for pull in (0.0, 0.005)]
        assert mean[0] - mean[1] == pytest.approx(0.005 / size, rel=0.01)
    assert walk(np.full(9, 1.005)) == pytest.approx(walk(np.ones(9)))


def test_a_stronger_gradient_pulls_about_equally_far_and_is_not_overrun():
    """1,000 at every 50th step: v has not forgotten it, so the weak ones move little."""
    weak, strong = measure.round_of_moves(1000.0, 50, beta2=0.9).sum(-1)
    assert (weak, strong) == pytest.approx((0.754, -5.740), abs=0.001)


def test_the_climb_of_a_round_is_derived_and_walked():
    for beta2, climb in ((0.9, 3.79), (0.99, -1.91)):
        many = walk(np.tile([-1.0] * 49 + [75.0], 40), 0.9, beta2).reshape(40, 50)
        assert many[-1].sum() == pytest.approx(climb, abs=0.005)
        assert measure.net_climb(75.0, 50, beta2=beta2) == pytest.approx(climb, abs=0.005)
    many = walk(np.tile([-1.0] * 49 + [75.0], 20), 0.9, 0.9).reshape(20, 50)
    weak, strong = measure.round_of_moves(75.0, 50, beta2=0.9)
    assert (weak.sum(), strong.sum()) == pytest.approx((9.54, -5.75), abs=0.005)
    # m and v just after the strong gradient come first, so the round begins with its move
    assert (weak + strong)[0] == pytest.approx(many[-1, -1], rel=1e-6)


# The heat map


def test_three_sets_of_few_digits_share_none_and_three_in_ten_labels_are_wrong():
    images, labels, *_ = digits()
    assert decay_map.VALIDATION.start >= 3 * decay_map.FEW
    seen = []
    for which in range(3):
        net = decay_map.few_digits(which)
        rows = slice(which * 250, which * 250 + 250)
        rng = np.random.default_rng((which, 5))
        moved = rng.integers(1, 10, 250) * (rng.random(250) < 0.3)
        assert 60 < (moved > 0).sum() < 90
        X, y = images[rows], (labels[rows] + moved) % 10
        W, b, V, c = np.split(net.start, np.cumsum([64 * 32, 32, 320]))
        scores = np.maximum(X @ W.reshape(32, 64).T + b, 0) @ V.reshape(10, 32).T + c
        chances = scores - np.log(np.exp(scores).sum(1, keepdims=True))
        assert net.loss(net.start) == pytest.approx(-chances[np.arange(250), y].mean(), rel=1e-9)
        seen.append(net.loss(net.start))
    assert len(set(seen)) == 3


def test_entries_of_the_map_are_made_again_by_its_code():
    """All 600 steps at two learning rates, with the three seeds, for each rule."""
    for rule, decay, which in (("AdamW", 1, 1), ("Adam + L2", 0.03, 2)):
        found = decay_map.trained(rule, [0.003, 0.01], decay, which)
        row = decay_map.DECAYS[rule].index(decay)
        known = decay_map.recorded()[rule, which][row, :, 2:4]
        np.testing.assert_allclose(found, known, atol=0.5)      # some images, on other processors


def test_the_best_decay_is_chosen_by_validation():
    for k, lr in enumerate(decay_map.LRS):
        for rule in decay_map.DECAYS:
            for which in range(3):
                right = decay_map.recorded()[rule, which]
                row = right[:, 0, k].argmax()
                shown = decay_map.decay_map(rule, which)
                assert shown[f"lr {lr:g}"][row] == pytest.approx(right[row, 0, k], abs=0.051)
                assert shown["weight decay"][row] == decay_map.choice(rule, which, lr)


def test_from_0_003_to_0_03_the_best_decay_moves_by_one_cell_at_most():
    for rule, decays in decay_map.DECAYS.items():
        for which in range(3):
            cells = [decays.index(decay_map.choice(rule, which, lr))
                     for lr in decay_map.LRS[2:5]]
            assert max(cells) - min(cells) <= 1 and 0 < min(cells) <= max(cells) < 5


def test_at_0_1_adamw_s_best_decay_is_lower_than_at_0_03():
    for which in range(3):
        assert decay_map.choice("AdamW", which, 0.1) < decay_map.choice("AdamW", which, 0.03)


def test_tuned_takes_the_pair_that_validation_likes_best():
    right = decay_map.recorded()["Adam + L2", 0]
    i, k = np.unravel_index(right[:, 0].argmax(), right[:, 0].shape)
    assert decay_map.tuned("Adam + L2", 0) == right[i, 1, k]
    bare = decay_map.recorded()["AdamW", 0][0]
    assert decay_map.tuned("no decay", 0) == bare[1, bare[0].argmax()]


def test_the_recording_has_every_pair_and_its_seeds_are_disjoint():
    assert set(decay_map.recorded()) == {(rule, k) for rule in decay_map.DECAYS for k in range(3)}
    assert all(right.shape == (6, 2, 6) for right in decay_map.recorded().values())
    assert len(set().union(*seed_sets())) == 9


def test_the_verdicts_on_adam():
    found = [(claim.claim, claim.verdict)
             for claim in measure.claims(decay_map.claims()).claims]
    words = [word for _, word in found]
    assert words == ["PROVED", "NOT SUPPORTED HERE", "PROVED", "TIE", "PROVED", "PROVED", "TIE",
                     "PROVED", "TIE", "TIE", "TIE"]
