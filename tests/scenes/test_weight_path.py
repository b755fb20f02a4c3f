"""The shadow shows a network's walk on its plane, and what the plane leaves out."""

import numpy as np
import pytest
from support.scene import browser, notes, over_time, shown, tracks

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.networks import digits_mlp, pca_plane
from lessons.scenes import weight_path
from lessons.scenes.common.runs import until_gone
from lessons.scenes.learning_rate.weight_path import tabled
from lessons.stage.tracks import to_fraction
from lessons.steps import gradient_descent, momentum

RIVALS = {"Gradient descent": gradient_descent, "Momentum": momentum}
BEST = {"Gradient descent": 1.0, "Momentum": 0.1}
FACTOR = {"its best": 1, "a tenth of it": 0.1, "three times it": 10**0.5, "ten times it": 10}


def net(seed):
    return digits_mlp(32, seed, hidden=(8,))


def scene(**options):
    return weight_path(RIVALS, net, BEST, steps=30, every=3, **options)


@pytest.mark.parametrize(("rival", "rate", "seed"), [
    ("Gradient descent", "its best", 0), ("Momentum", "a tenth of it", 0),
    ("Momentum", "three times it", 1), ("Momentum", "ten times it", 2)])
def test_it_shows_the_walk_on_the_plane_of_the_best_and_both_losses(rival, rate, seed):
    stage = scene(rival=rival, rate=rate, seed=str(seed))
    network, lr = net(seed), BEST[rival] * FACTOR[rate]
    few = network.first(200)
    walk, home = (descend(network, RIVALS[rival], steps=30, every=3, lr=rate).theta
                  for rate in (lr, BEST[rival]))
    plane = pca_plane(few, home)
    at = plane.project(walk)
    frames = np.arange(31) // 3                                         # a point holds
    [way], [curve] = (tracks(stage, "path", ax, rival) for ax in (0, 1))
    [below] = tracks(stage, "path", 1, "Shadow")
    window = (stage.figure.axes[0].get_xlim(), stage.figure.axes[0].get_ylim())
    # one batch of networks or one network: the sums differ in the last digits of float32
    near(stage, 0, way, until_gone(at, window)[frames])
    near(stage, 1, curve, over_time(few.loss(walk)[frames]))
    near(stage, 1, below, over_time(plane.loss(at)[frames]))
    assert notes(stage, rival)[-1] == f"lr {lr:.3g}: loss {few.loss(walk)[-1]:.2g}"
    other, = RIVALS.keys() - {rival}
    assert notes(stage, other)[-1] == "not chosen"
    assert all(np.isnan(path).all() for path in tracks(stage, "path", 0, other))


def near(stage, ax, track, points):
    wanted = np.empty_like(track)
    wanted[:] = to_fraction(stage.figure.axes[ax], points)[:, None]
    np.testing.assert_allclose(track, wanted, atol=5e-3)


@pytest.mark.parametrize(("rival", "rate", "seed"), [("Momentum", "a tenth of it", 2),
                                                     ("Gradient descent", "ten times it", "1")])
def test_the_run_of_the_picture_can_be_taken_out_of_it(rival, rate, seed):
    stage = scene()
    stage.set(rival=rival, rate=rate, seed=seed)
    found, few = stage.runs[rival], net(int(seed)).first(200)
    walk, home = (descend(net(int(seed)), RIVALS[rival], steps=30, every=3, lr=lr).theta
                  for lr in (BEST[rival] * FACTOR[rate], BEST[rival]))
    assert list(stage.runs) == [rival] and list(found.kept) == list(range(0, 31, 3))
    # one batch of networks or one network: the sums differ in the last digits of float32
    np.testing.assert_allclose(found.theta[:4], pca_plane(few, home).project(walk)[:4], atol=5e-3)
    np.testing.assert_allclose(found.loss[:4], few.loss(walk)[:4], rtol=1e-3)


def test_the_share_is_that_of_the_way_that_the_plane_keeps():
    stage = scene(rival="Momentum", rate="three times it")
    lrs = np.array([[0.1], [0.1 * 10**0.5]])
    theta = descend(net(0), momentum, steps=30, every=3, lr=lrs).theta.astype(float)
    plane = pca_plane(net(0), theta[:, 0])
    away = theta[:, 1] - theta[0, 1]
    kept = plane.lift(plane.project(theta[:, 1])) - plane.lift(plane.project(theta[:1, 1]))
    share = 100 * (kept**2).sum() / (away**2).sum()
    assert f"{share:.0f} % of its walk is in the plane" in repr(stage) and 5 < share < 95


def test_the_map_is_the_loss_of_the_plane():
    stage = scene(rival="Momentum")
    theta = descend(net(0), momentum, steps=30, every=3, lr=0.1).theta
    plane = pca_plane(net(0).first(200), theta)
    ax = stage.figure.axes[0]
    drawn = tabled(plane, (ax.get_xlim(), ax.get_ylim()))
    x, y = (np.linspace(*side, 25) for side in drawn.window)
    grid = np.stack(np.meshgrid(x, y), -1)
    # at the table's own points it is the loss; a quarter of a cell beside, nearly
    np.testing.assert_allclose(drawn.loss(grid), plane.loss(grid), rtol=0.02, atol=0.01)
    beside = grid[:-1, :-1] + 0.25 * (grid[1, 1] - grid[0, 0])
    assert np.abs(drawn.loss(beside) / plane.loss(beside) - 1).mean() < 0.02


def test_all_planes_have_one_scale_that_holds_every_best_walk():
    stage = scene()
    window = (stage.figure.axes[0].get_xlim(), stage.figure.axes[0].get_ylim())
    for rival in RIVALS:
        for seed in "012":
            stage.set(rival=rival, seed=seed)
            [way] = tracks(stage, "path", 0, rival)
            assert ((way > 0) & (way < 1)).all()
            assert (stage.figure.axes[0].get_xlim(), stage.figure.axes[0].get_ylim()) == window


def test_the_scene_keeps_the_rules():
    one, other = scene(), scene(presets={"far": dict(rate="ten times it", rival="Momentum")})
    assert shown(one) == ["rival", "rate", "seed"]
    assert repr(one) == repr(other) and one.snapshot() == other.snapshot()
    before = other.data
    for knob in one.scene["knobs"]:
        for value in [*knob["options"], knob["value"]]:
            browser(one, **{knob["name"]: value}, seq=1)
            assert one.error == ""
    browser(one, rate="ten times it", seq=2)
    other._publish()
    assert other.data == before
    [button] = other.scene["presets"]
    browser(other, **button["values"], seq=1)
    assert other.values["rate"] == "ten times it" and other.data != before
    told = {row["name"]: row["color"] for row in one.scene["legend"]}
    assert all(told[name] == LOOKS[name].color for name in RIVALS)
    with pytest.raises(KeyError, match="no knob 'speed'"):
        scene(presets={"bad": dict(speed=2)})
