"""What the exercises about SAM expect, and trials of a class, of a radius and of a rewriter."""

import numpy as np

from lessons.descend import descend
from lessons.networks import digits_mlp
from lessons.networks.network import pytorch
from lessons.steps import gradient_descent, sam
from lessons.steps.sharpness import sam_momentum
from lessons.surfaces import sharp_and_flat, two_weights

LR, RHO, START, STEPS = 0.05, 0.2, (3.0, 0.5), 3


def walked(optimizer):
    """Where a SAM class of torch's style is after three steps on two_weights(): [x, y] after each.

    optimizer: a class, made with (params, base, rho), that has first_step and second_step.
    """
    torch = pytorch()
    weights = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in START]
    base = torch.optim.SGD(weights, lr=LR)
    mine, path = optimizer(weights, base, RHO), []
    for _ in range(STEPS):
        base.zero_grad()
        half_square(*weights).backward()
        mine.first_step()
        half_square(*weights).backward()
        mine.second_step()
        path += [round(weight.item(), 6) for weight in weights]
    return path


def half_square(x, y):
    """The loss of two_weights()."""
    return (x * y - 1) ** 2 / 2


def by_formula(fresh=True, cleared=True, back=True):
    """The same walk by the formula, or with a stale climb, gradients that add up, no way back."""
    theta, climb, path = np.array(START), None, []
    for _ in range(STEPS):
        g = two_weights().grad(theta)
        if fresh or climb is None:
            climb = RHO * g / np.sqrt(g @ g)
        second = two_weights().grad(theta + climb) + (0 if cleared else g)
        theta = theta + (0 if back else climb) - LR * second
        path += [round(float(number), 6) for number in theta]
    return path


def rests(rho):
    """Where SAM is after 2,000 steps on sharp_and_flat(), from (-1.9, 0.3)."""
    run = descend(sharp_and_flat(), sam, (-1.9, 0.3), 2000, lr=0.02, rho=rho)
    return run.theta[-1].round(2).tolist()


def compared(rewrite):
    """[whether the rewritten network's answers are the same, whether it is ten times as sharp]."""
    net = digits_mlp(seed=0)
    trained = descend(net, gradient_descent, steps=200, every=200, lr=0.5).theta[-1].astype(float)
    written = np.asarray(rewrite(trained.copy()), float)
    same = abs(net.test_loss(written) - net.test_loss(trained)) < 1e-6
    bend = net.top_eigenvalue(np.stack([trained, written]))
    return ["the same answers" if same else "other answers",
            "sharper" if bend[1] > 10 * bend[0] else "not yet ten times as sharp"]


answers = {
    "sam.1": dict(
        expected=[0.99003, 100, 211],
        rtol=1e-4,
        hint="In this order: the factor, the steps, the steps at half the learning rate.",
        wrong={
            (0.991, 111, 222): "The reading distance is not rho: SAM swings, so R = 2 rho / "
            "(2 - lr lambda).",
            (0.995014, 201, 422): "The slope of 1 + s^2 is 2 s, which makes up for the half.",
            (0.98006, 50, 106): "The half in R^2 / 2 is missing.",
            (0.99003, 100, 200): "The factor is right. At half the lr the reading distance changes "
            "as well.",
            (0.99003, 100, 50): "With half the lr a step takes less of s, so more are needed.",
        },
    ),
    "sam.2": dict(
        expected=by_formula(),
        rtol=1e-5,
        hint="These are x and y after each of three steps.",
        wrong={
            tuple(by_formula(fresh=False, cleared=False)): "Both bugs are still there: print the "
            "climb in each step, and p.grad before base.step().",
            tuple(by_formula(fresh=False)): "The gradients no longer add up. But the climb of the "
            "first step is used again in the second.",
            tuple(by_formula(cleared=False)): "The climb is fresh now. But base.step() sees the "
            "sum of both gradients.",
            tuple(by_formula(back=False)): "Now it steps from the top of the climb.",
        },
    ),
    "sam.3": dict(expected=sam_momentum),
    "sam.4": dict(
        expected=[-0.4, 0.0],
        hint="This is where SAM rests with your rho.",
        wrong={
            (-0.6, 0.0): "It rests at -0.6. The climb has to be as long as the way from -0.4 to "
            "the hole's minimum.",
            (-0.5, 0.0): "It rests at -0.5: a little more.",
            (-0.3, 0.0): "It rests at -0.3: a little less.",
        },
    ),
    "sam.5": dict(
        expected=["the same answers", "sharper"],
        wrong={
            ("other answers", "sharper"): "It is sharper, but it gives other answers: which parts "
            "act before the ReLU, and which after it?",
            ("other answers", "not yet ten times as sharp"): "It gives other answers. What is "
            "multiplied before the ReLU has to be divided after it, biases included.",
            ("the same answers", "not yet ten times as sharp"): "The answers are the same. Along "
            "W2 the curvature grows with the square of your factor: take a larger one.",
        },
    ),
}
