"""The field guide: every rule has a whole card, and the numbers on it are what theory says."""

import tomllib

import pytest

from lessons import steps
from lessons.site import guide

WRITTEN = tomllib.loads(guide.WRITTEN.read_text(encoding="utf-8"))
KNOWN = {       # rule -> state per parameter, gradients a step, notices scale, notices axes
    "gradient_descent": ("0", 1, "yes", "no"), "momentum": ("1 (`velocity`)", 1, "yes", "no"),
    "adam": ("2 (`m`, `v`)", 1, "no", "yes"), "lion": ("1 (`m`)", 1, "no", "yes"),
    "sam": ("0", 2, "yes", "no"), "newton": ("0", 1, "no", "no"),
    "bfgs": ("66 (`H`, `move`, `last_g`)", 1, "yes", "no"),     # H: 64 x 64 for 64 parameters
    "shampoo": ("2 (`L`, `R`)", 1, "no", "no"),                 # two of 8 x 8
}


@pytest.mark.parametrize("name", steps.__all__)
def test_every_rule_has_a_card_without_a_gap(name):
    text, row = guide.card(name, WRITTEN, "<figure>", {"05_adam": f"show({name})"})
    assert f"def {name}(" in text and "<figure>" in text and "[05](05_adam)" in text
    assert row.count("|") == 6
    if name in KNOWN:
        state, gradients, scale, axes = KNOWN[name]
        assert row.endswith(f"| {state} | {scale} | {axes} |")
        assert f"the gradient ({gradients} a step)" in text


def test_a_card_that_lacks_something_ends_the_build():
    with pytest.raises(SystemExit, match=r"card of adam lacks: when to take it \(docs/guide"):
        guide.card("adam", {"adam": {"formula": "x"}}, "", {})


@pytest.mark.parametrize(("doc", "name"), [
    ("As torch.optim.SGD.", "`torch.optim.SGD`"), ("torch has none.", "none"), ("Nothing.", None),
    ("As torch.optim.SGD with nesterov=True.", "`torch.optim.SGD with nesterov=True`"),
])
def test_what_a_docstring_says_of_torch(doc, name):
    assert guide.torch_name(doc) == name


@pytest.mark.parametrize("name", ["kl_step", "trust_region", "kfac"])
def test_rules_without_a_learning_rate_race_as_well(name):
    run = guide.with_lr(name)
    short, long = (guide.descend(guide.ground("Ravine")(), run, steps=1, lr=lr).theta
                   for lr in (1e-4, 1e-3))
    moved = [abs(theta[1] - theta[0]).max() for theta in (short, long)]
    assert 0 < moved[0] < moved[1]
