"""Measure how fast networks train: our steps beside torch.optim's, taking turns. See bench.py."""

import time

import numpy as np
import torch

from lessons.descend import descend
from lessons.networks import digits, digits_mlp, pca_plane
from lessons.networks.network import batches
from lessons.steps import adam, gradient_descent, momentum

STEPS = 600
SWEEP = {gradient_descent: 10, momentum: 10, adam: 11}  # learning rates, each with 5 seeds


def ours():
    """ms per step of one network, batches drawn afresh."""
    surface = digits_mlp(batch=32)
    began = time.perf_counter()
    descend(surface, adam, steps=STEPS, every=STEPS, lr=1e-3)
    return 1e3 * (time.perf_counter() - began) / STEPS


def theirs():
    """ms per step of the same network as a torch.nn.Module, as a tutorial would train it.

    On the same batches, drawn in the same way: how they are drawn is not torch.optim's affair.
    """
    images, labels, *_ = (torch.tensor(array) for array in digits())
    images, entropy = images.float(), torch.nn.CrossEntropyLoss()
    net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimizer, rows = torch.optim.Adam(net.parameters(), lr=1e-3), batches(len(labels), 32, 0)
    began = time.perf_counter()
    for t in range(1, STEPS + 1):
        seen = torch.from_numpy(rows(t))
        optimizer.zero_grad()
        entropy(net(images[seen]), labels[seen]).backward()
        optimizer.step()
    return 1e3 * (time.perf_counter() - began) / STEPS


def sweep():
    """CPU seconds for 155 runs of 600 steps, with the loss and the accuracy of each."""
    surface = digits_mlp(batch=32, seed=range(5))
    began = time.process_time()
    for step, count in SWEEP.items():
        lrs = np.geomspace(1e-3, 10, count)[:, None, None]
        run = descend(surface, step, steps=STEPS, every=STEPS, lr=lrs)
        surface.accuracy(run.theta[-1])
    return time.process_time() - began


def slices():
    """Seconds for the map of a walk's slice, 25 x 25 points of 200 images."""
    surface = digits_mlp(batch=32)
    run = descend(surface, adam, steps=STEPS, lr=0.01)
    began = time.perf_counter()
    seen = pca_plane(surface.first(200), run.theta)
    x, y = (np.linspace(*side, 25) for side in seen.window)
    seen.loss(np.stack(np.meshgrid(x, y), -1))
    return time.perf_counter() - began


def measure(note):
    """One round. note(row, column, values) keeps what was measured."""
    one, many = "Adam, one step of one MLP: ms", "the same, on average, in a sweep of 155: ms"
    for _ in range(5):
        note(one, "lessons", [ours()])
        note(one, "torch.optim", [theirs()])
    seconds, runs = sweep(), 5 * sum(SWEEP.values())
    note("sweep of 155 runs of 600 steps: CPU s", "lessons", [seconds])
    note(many, "lessons", [1e3 * seconds / (runs * STEPS)])
    note(many, "torch.optim", [theirs()])
    note("slice of a walk, 25 x 25: s", "lessons", [slices()])


def warm_up():
    """What only the first use costs: torch's imports."""
    digits_mlp().at(1).grad(digits_mlp().start)
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])
