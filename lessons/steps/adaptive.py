"""Steps with a step size for each coordinate: a gradient is divided by how large it has been.

Every theta, m, v and s is (..., D), and all is elementwise. lr is in units of theta, and eps in
units of the gradient: eps stands outside the root. With eps = 0 a loss that is 1000 times larger is
walked alike, but a coordinate that never had a gradient becomes 0 / 0 = nan.
"""

import numpy as np


def adagrad(surface, theta, s=0.0, *, lr=0.5, eps=1e-10):
    """Divide each gradient by the root of the sum of all its squares so far.

    theta, s: (..., D). s: a *sum*, which never shrinks, so that on a steady gradient step t is
    lr / sqrt(t) long.
    lr: in units of theta, the length of the first move in each coordinate; torch begins with 0.01.
    Source: Duchi, Hazan & Singer 2011, the diagonal form. As torch.optim.Adagrad.
    https://jmlr.org/papers/v12/duchi11a.html
    """
    g = surface.grad(theta)
    s = s + g**2
    return theta - lr * g / (np.sqrt(s) + eps), s


def rmsprop(surface, theta, v=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    """Divide each gradient by the root mean square of its recent values.

    theta, v: (..., D). v: a running *average* of g squared; starts at zero, no bias correction.
    lr: in units of theta, about one move per coordinate; the first is 10 times longer,
    1 / sqrt(1 - beta2).
    beta2: a memory of about 1 / (1 - beta2) steps.
    Source: Tieleman & Hinton 2012, lecture 6.5. As torch.optim.RMSprop; its alpha is our beta2.
    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
    """
    g = surface.grad(theta)
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * g / (np.sqrt(v) + eps), v


def adam(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Move by the average gradient over the root of the average squared gradient.

    theta, m, v: (..., D). t: steps taken; becomes 1 before its first use.
    m, v: running *averages* of g and g squared.
    They start at zero and are too small at first; dividing by 1 - beta**t corrects that, so that
    on a steady gradient every move is lr long. eps comes after the correction.
    lr: in units of theta, about one move per coordinate; packages begin with 0.001.
    Source: Kingma & Ba 2015, ICLR, algorithm 1. arXiv:1412.6980. As torch.optim.Adam.
    """
    g = surface.grad(theta)
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, t, m, v


def adamw(
    surface, theta, t=0, m=0.0, v=0.0,
    *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01,
):
    """Move like Adam, and shrink theta by the share lr weight_decay, however steep it is.

    theta, m, v: (..., D). t, m, v: as in adam, and the decay does not enter them: it is decoupled
    from the gradient. In Adam with L2 (adam on the view with_l2) the decay is divided by sqrt(v)
    with the rest of the gradient.
    lr: in units of theta, about one move per coordinate; packages begin with 0.001. It scales the
    decay as well.
    weight_decay: without a gradient, theta shrinks by 1 - lr weight_decay at every step.
    Source: Loshchilov & Hutter 2019, ICLR, algorithm 2. arXiv:1711.05101. As torch.optim.AdamW; in
    the paper a schedule scales the decay, and lr does not.
    """
    g = surface.grad(theta)
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta)
    return theta, t, m, v
