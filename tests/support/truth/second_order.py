"""Independent truths for newton ... kl_step: SciPy, torch, or a loop in another style.

TRUTHS: name -> walk(surface, start, lrs, **knobs), the points (steps + 1, D) from one start (D,).
lrs: the lr of each step. A walk with `grounds` holds on those alone, one with `steps` so long.
"""

import numpy as np
import scipy.linalg
import torch
from scipy.optimize import BFGS, minimize

SOLID = {"quadratic", "rosenbrock", "matrix"}  # on "flat" a curvature is 0, which is divided by


def newton(surface, start, lrs, damping):
    """By the inverse, as the book writes it."""
    path = [np.array(start, float)]
    for lr in lrs:
        H = surface.hess(path[-1]) + np.diag(np.full(len(start), float(damping)))
        path.append(path[-1] - lr * scipy.linalg.inv(H) @ surface.grad(path[-1]))
    return np.array(path)


def saddle_free_newton(surface, start, lrs, damping):
    """abs(H) is the symmetric factor of H's polar decomposition."""
    path = [np.array(start, float)]
    for lr in lrs:
        _, size = scipy.linalg.polar(surface.hess(path[-1]))
        size[np.diag_indices_from(size)] += damping
        move = scipy.linalg.solve(size, surface.grad(path[-1]), assume_a="pos")
        path.append(path[-1] - lr * move)
    return np.array(path)


def line_search(surface, start, lrs, c1, shrink):
    """With t, not a share of lr, and one trial after the other."""
    path = [np.array(start, float)]
    for lr in lrs:
        theta, g, j = path[-1], surface.grad(path[-1]), 0
        while surface.loss(theta - shrink**j * lr * g) > surface.loss(theta) - (
            c1 * shrink**j * lr * (g @ g)
        ):
            j = j + 1
        path.append(theta - shrink**j * lr * g)
    return np.array(path)


def newton_line_search(surface, start, lrs, damping, c1, shrink):
    """abs(H) by the polar decomposition, and one trial after the other."""
    path = [np.array(start, float)]
    for lr in lrs:
        theta, g, t = path[-1], surface.grad(path[-1]), lr
        _, size = scipy.linalg.polar(surface.hess(theta))
        d = -scipy.linalg.solve(size + damping * np.eye(len(g)), g)
        while surface.loss(theta + t * d) > surface.loss(theta) + c1 * t * (g @ d):
            t = shrink * t
            if t < 1e-14:       # rounding: no length is left
                t = 0
                break
        path.append(theta + t * d)
    return np.array(path)


def bfgs(surface, start, lrs):
    """The matrix is SciPy's; it skips a pair for which its own guard is not met, none here."""
    update = BFGS(exception_strategy="skip_update", min_curvature=1e-300, init_scale=1.0)
    update.initialize(len(start), "inv_hess")
    path, last = [np.array(start, float)], None
    for lr in lrs:
        g = surface.grad(path[-1])
        size = 1.0
        if last is None:
            size = min(1, 1 / np.abs(g).sum())
        else:
            update.update(path[-1] - last[0], g - last[1])
        last = path[-1], g
        path.append(path[-1] - lr * size * update.dot(g))
    return np.array(path)


def lbfgs(surface, start, lrs, memory):
    p = torch.tensor(np.array(start, float), requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [p], max_iter=1, history_size=int(memory),
        tolerance_grad=-1, tolerance_change=-np.inf,  # never stop
    )
    path = [np.array(start, float)]

    def closure():
        p.grad = torch.from_numpy(surface.grad(p.detach().numpy().copy()))
        return torch.tensor(float(surface.loss(p.detach().numpy())))

    for lr in lrs:
        optimizer.param_groups[0]["lr"] = float(lr)
        optimizer.step(closure)
        path.append(p.detach().numpy().copy())
    return np.array(path)


def trust_region(surface, start, lrs, radius):
    """SciPy's trust-ncg, rejected steps too; where it stops, at the minimum, the walk stands."""
    result = minimize(
        surface.loss, np.array(start, float), jac=surface.grad, hess=surface.hess,
        method="trust-ncg",
        options={"initial_trust_radius": float(radius), "max_trust_radius": 1000.0,
                 "gtol": 1e-100, "maxiter": len(lrs), "return_all": True},
    )
    path = result.allvecs
    return np.array([*path, *[path[-1]] * (len(lrs) + 1 - len(path))])


def natural_gradient(surface, start, lrs, damping):
    path = [np.array(start, float)]
    for lr in lrs:
        F = surface.fisher(path[-1]) + np.diag(np.full(len(start), float(damping)))
        path.append(path[-1] - lr * scipy.linalg.inv(F) @ surface.grad(path[-1]))
    return np.array(path)


def kl_step(surface, start, lrs, delta, damping):
    """d = F^-1 g, as long as half of d.(F + damping I) d is delta: in a ball made round."""
    path = [np.array(start, float)]
    for _ in lrs:
        F = surface.fisher(path[-1]) + np.diag(np.full(len(start), float(damping)))
        root = scipy.linalg.cholesky(F, lower=True)
        ahead = scipy.linalg.solve_triangular(root, surface.grad(path[-1]), lower=True)
        ahead = ahead / scipy.linalg.norm(ahead) * np.sqrt(2 * delta)
        path.append(path[-1] - scipy.linalg.solve_triangular(root.T, ahead))
    return np.array(path)


newton.grounds = saddle_free_newton.grounds = newton_line_search.grounds = SOLID
newton.steps = newton_line_search.steps = 10
lbfgs.steps = 20  # in Rosenbrock's valley more amplify rounding beyond 1e-10
bfgs.steps = lbfgs.steps
natural_gradient.grounds = kl_step.grounds = {"matrix"}  # the others have no Fisher matrix

TRUTHS = {
    walk.__name__: walk
    for walk in (
        newton, saddle_free_newton, line_search, newton_line_search, bfgs, lbfgs, trust_region,
        natural_gradient, kl_step,
    )
}
