"""Independent truths for the newcomers: torch.optim where there is one, else papers and packages.

Each is walk(surface, start, lrs, **knobs) -> (steps + 1, D), for one start. Written in another
style than ours: one coordinate at a time, or torch's in-place form, or a sum over all steps.
"""

from math import sqrt

import numpy as np
import torch


def _sign(x):
    return (x > 0) - (x < 0)


def _gradient(surface, values):
    return surface.grad(np.array([float(value) for value in values]))


def adamw(surface, start, lrs, *, beta1, beta2, eps, weight_decay):
    p = torch.tensor(np.array(start, float))
    optimizer = torch.optim.AdamW([p], betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)
    path = [p.numpy().copy()]
    for lr in lrs:
        optimizer.param_groups[0]["lr"] = float(lr)
        p.grad = torch.from_numpy(surface.grad(p.numpy()))
        optimizer.step()
        path.append(p.numpy().copy())
    return np.array(path)


def lion(surface, start, lrs, *, beta1, beta2, weight_decay):
    """Chen et al. 2023, algorithm 2, one coordinate at a time; the decay first."""
    theta, m = [float(x) for x in start], [0.0] * len(start)
    path = [tuple(theta)]
    for lr in lrs:
        for i, g in enumerate(_gradient(surface, theta).tolist()):
            blend = beta1 * m[i] + (1 - beta1) * g
            theta[i] = theta[i] * (1 - lr * weight_decay) - lr * _sign(blend)
            m[i] = beta2 * m[i] + (1 - beta2) * g
        path.append(tuple(theta))
    return np.array(path)


def sophia(surface, start, lrs, *, beta1, beta2, scale, eps, period):
    """Liu et al. 2024, algorithm 3, as the authors' code: a sign and a length of at most 1."""
    theta, m, h = [float(x) for x in start], [0.0] * len(start), [0.0] * len(start)
    path = [tuple(theta)]
    for step, lr in enumerate(lrs):
        point = np.array(theta)
        gradient, H = surface.grad(point).tolist(), surface.hess(point).tolist()
        for i, g in enumerate(gradient):
            m[i] += (1 - beta1) * (g - m[i])
            if step % period == 0:
                h[i] += (1 - beta2) * (H[i][i] - h[i])
            length = min(1.0, abs(m[i]) / max(scale * h[i], eps))
            theta[i] -= lr * length * _sign(m[i])
        path.append(tuple(theta))
    return np.array(path)


def schedule_free(surface, start, lrs, *, beta):
    """Defazio et al. 2024, equations 3 to 5, with x as a mean over *all* the points of z."""
    x = z = np.array(start, float)
    path, walked, weights = [x], [], []
    for lr in lrs:
        z = z - lr * surface.grad(z + beta * (x - z))
        walked.append(z)
        weights.append(max(lrs[: len(walked)]) ** 2)
        x = np.average(walked, axis=0, weights=weights)
        path.append(x)
    return np.array(path)


def schedule_free_adamw(surface, start, lrs, *, beta1, beta2, eps, weight_decay):
    """As the authors' package stores it: z, and the point y of the gradient; x is their aim."""
    y = torch.tensor(np.array(start, float))
    z, gradients, total = y.clone(), [], 0.0
    path = [y.numpy().copy()]
    for t, lr in enumerate(lrs, 1):
        g = torch.from_numpy(surface.grad(y.numpy()))
        gradients.append(g)
        memory = beta2 ** torch.arange(t - 1, -1, -1, dtype=torch.float64)
        mean_square = (memory @ torch.stack(gradients) ** 2) / memory.sum()
        move = g / (mean_square.sqrt() + eps) + weight_decay * y
        total += max(lrs[:t]) ** 2
        c = max(lrs[:t]) ** 2 / total
        y = torch.lerp(y, z, c) + move * lr * (beta1 * (1 - c) - 1)
        z = z - lr * move
        path.append(torch.lerp(y, z, 1 - 1 / beta1).numpy())
    return np.array(path)


def sam(surface, start, lrs, *, rho):
    """Climb, come back, and let torch's SGD move; a block per coordinate, one common norm."""
    blocks = [torch.tensor(float(x), dtype=torch.float64) for x in start]
    optimizer = torch.optim.SGD(blocks)
    path = [torch.stack(blocks).numpy()]

    def backward():
        for p, g in zip(blocks, _gradient(surface, blocks).tolist()):
            p.grad = torch.tensor(g, dtype=torch.float64)

    for lr in lrs:
        backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in blocks])
        stood = [p.clone() for p in blocks]
        for p in blocks:
            p.add_(p.grad, alpha=rho / (norm.item() + 1e-12))
        backward()
        for p, old in zip(blocks, stood):
            p.copy_(old)
        optimizer.param_groups[0]["lr"] = float(lr)
        optimizer.step()
        path.append(torch.stack(blocks).numpy())
    return np.array(path)


def sam_momentum(surface, start, lrs, *, rho, beta):
    """As sam, with the momentum of torch's SGD; lr is torch's as well, so it may change."""
    w = torch.tensor([float(x) for x in start], dtype=torch.float64)
    optimizer = torch.optim.SGD([w], momentum=beta)
    path = [w.numpy().copy()]
    for lr in lrs:
        g = torch.as_tensor(_gradient(surface, w.tolist()), dtype=torch.float64)
        up = w + rho * g / (torch.linalg.vector_norm(g) + 1e-12)
        w.grad = torch.as_tensor(_gradient(surface, up.tolist()), dtype=torch.float64)
        optimizer.param_groups[0]["lr"] = float(lr)
        optimizer.step()
        path.append(w.numpy().copy())
    return np.array(path)


def adaptive_sam(surface, start, lrs, *, rho):
    """Kwon et al. 2021, equation 7 and algorithm 1 without eta, one coordinate at a time."""
    theta = [float(x) for x in start]
    path = [tuple(theta)]
    for lr in lrs:
        g = _gradient(surface, theta).tolist()
        norm = sqrt(sum(x * x * s * s for x, s in zip(theta, g)))
        near = [x + rho * x * x * s / (norm + 1e-12) for x, s in zip(theta, g)]
        theta = [x - lr * s for x, s in zip(theta, _gradient(surface, near).tolist())]
        path.append(tuple(theta))
    return np.array(path)


TRUTHS = {
    "adamw": adamw, "lion": lion, "sophia": sophia, "schedule_free": schedule_free, "sam": sam,
}
# not in lessons.steps: tests/test_newcomers.py walks them
VARIANTS = {"schedule_free_adamw": schedule_free_adamw, "adaptive_sam": adaptive_sam,
            "sam_momentum": sam_momentum}
