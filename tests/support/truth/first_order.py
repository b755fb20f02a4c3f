"""The first six steps as torch.optim walks them."""

import numpy as np
import torch


def by_torch(make):
    """walk(surface, start, lrs, **knobs) -> (steps + 1, D), by a torch optimizer of p."""

    def walk(surface, start, lrs, **knobs):
        p = torch.tensor(start, requires_grad=True)
        optimizer, path = make([p], **knobs), [start]
        for lr in lrs:
            optimizer.param_groups[0]["lr"] = lr
            p.grad = torch.from_numpy(surface.grad(p.detach().numpy()))
            optimizer.step()
            path.append(p.detach().numpy().copy())
        return np.array(path)

    return walk


optim = torch.optim
TRUTHS = {
    "gradient_descent": by_torch(lambda p: optim.SGD(p)),
    "momentum": by_torch(lambda p, beta: optim.SGD(p, momentum=beta)),
    "nesterov": by_torch(lambda p, beta: optim.SGD(p, lr=1, momentum=beta, nesterov=True)),
    "adagrad": by_torch(lambda p, eps: optim.Adagrad(p, eps=eps)),
    "rmsprop": by_torch(lambda p, beta2, eps: optim.RMSprop(p, alpha=beta2, eps=eps)),
    "adam": by_torch(lambda p, beta1, beta2, eps: optim.Adam(p, betas=(beta1, beta2), eps=eps)),
}
