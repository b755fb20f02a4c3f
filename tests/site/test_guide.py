"""The field guide: every rule and schedule has a whole card, and what it says is so."""

import inspect
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lessons import schedules, steps
from lessons.descend import descend
from lessons.site import facts, guide, schedule_cards
from lessons.surfaces import matrix_problem, ravine, rosenbrock

WRITTEN = guide.texts()
KNOWN = {       # rule -> state per parameter, what it asks for, notices scale, notices axes
    "gradient_descent": ("0", "the gradient (1 a step)", "yes", "no"),
    "momentum": ("1 (`velocity`)", "the gradient (1 a step)", "yes", "no"),
    "adam": ("2 (`m`, `v`)", "the gradient (1 a step)", "no", "yes"),
    "lion": ("1 (`m`)", "the gradient (1 a step)", "no", "yes"),
    "sam": ("0", "the gradient (2 a step)", "yes", "no"),
    "newton": ("0", "the gradient (1 a step), the Hessian (1 a step)", "no", "no"),
    # H: 64 x 64 for 64 parameters
    "bfgs": ("66 (`H`, `move`, `last_g`)", "the gradient (1 a step)", "yes", "no"),
    # L, R: two of 8 x 8
    "shampoo": ("2 (`L`, `R`)", "the gradient (1 a step)", "no", "no: rows, columns"),
    # the loss before a move and after it
    "trust_region": ("0 (reach: one number)", "the loss (2 a step), the gradient (1 a step), "
                     "the Hessian (1 a step)", "no", "no"),
    "adaptive_sam": ("0", "the gradient (2 a step)", "yes", "yes"),
}
CALL = re.compile(r"`(.+?)`")


@pytest.mark.parametrize("name", guide.RULES)
def test_every_rule_has_a_card_without_a_gap(name):
    text, row = guide.card(name, WRITTEN, "<figure>", {"05_adam": f"show({name})"})
    assert f"def {name}(" in text and "<figure>" in text and "[05](05_adam)" in text
    assert row.count("|") == 6
    if name in KNOWN:
        state, asks, scale, axes = KNOWN[name]
        assert row.endswith(f"| {state} | {scale} | {axes} |") and f"| asks for | {asks} |" in text


def test_the_rules_are_all_public_ones_of_the_package():
    modules = {step.__module__ for step in guide.RULES.values()}
    public = {name: function for module in modules
              for name, function in vars(inspect.importlib.import_module(module)).items()
              if inspect.isfunction(function) and not name.startswith("_")
              and re.search(r"\blr:|\bdelta:|\bradius:", inspect.getdoc(function) or "")
              and list(inspect.signature(function).parameters)[:2] == ["surface", "theta"]}
    del public["strong_wolfe"]      # a length, no move
    assert set(public) == set(guide.RULES) and set(steps.__all__) < set(public)


@pytest.mark.parametrize("part", ["when", "formula", "defaults"])
def test_a_card_that_lacks_something_ends_the_build(part):
    poorer = {"adam": {key: text for key, text in WRITTEN["adam"].items() if key != part}}
    with pytest.raises(SystemExit, match=rf"card of adam lacks: {part} \(docs/guide"):
        guide.card("adam", poorer, "", {})


def test_a_schedules_card_that_lacks_something_ends_the_build():
    poorer = {**WRITTEN, "schedules": {"cosine": {"formula": "x", "when": "y"}}}
    with pytest.raises(SystemExit, match=r"card of cosine lacks: torch \(docs/guide"):
        schedule_cards.card("cosine", poorer, "", guide.source)


def walked_by_torch(call, surface, steps):
    """The points of a walk of the optimizer that `call` makes of `params`."""
    theta = torch.tensor(np.array(surface.start)).reshape(surface.shape or (-1,))
    theta.requires_grad_()
    optimizer = eval(call, {"torch": torch, "params": [theta]})

    def closure():
        theta.grad = torch.tensor(surface.grad(theta.detach().numpy().ravel())).view_as(theta)
        return torch.tensor(surface.loss(theta.detach().numpy().ravel()))

    points = [theta.detach().numpy().ravel().copy()]
    for _ in range(steps):
        optimizer.step(closure)
        points.append(theta.detach().numpy().ravel().copy())
    return np.array(points)


@pytest.mark.parametrize("name", [name for name, card in WRITTEN.items()
                                  if CALL.search(card.get("torch", ""))])
def test_torch_called_as_a_card_says_walks_as_the_rule_does(name):
    call = CALL.search(WRITTEN[name]["torch"])[1]
    surface, tolerance = rosenbrock(), 1e-6
    if name == "muon":
        surface, tolerance = matrix_problem(4, 3), 0.02     # bfloat16: about 0.01 of a move
    count = 8
    if name == "lbfgs_wolfe":       # its searches part where a first trial fails; here none does
        surface, count = ravine(1.5), 2
    if name in ("gradient_descent", "momentum", "nesterov"):
        surface = replace(surface, start=(0.1, 0.1))        # where such rates do not fly out
        count = 2
    ours = descend(surface, guide.RULES[name], steps=count).theta
    known = walked_by_torch(call, surface, count)
    moves, theirs = np.diff(ours, axis=0), np.diff(known, axis=0)
    np.testing.assert_allclose(moves, theirs, rtol=tolerance, atol=tolerance * abs(moves).max())


@pytest.mark.parametrize("name", schedule_cards.public())
def test_torch_called_as_a_card_says_follows_the_schedule(name):
    text, row = schedule_cards.card(name, WRITTEN, "<figure>", guide.source)
    assert f"def {name}(" in text and "<figure>" in text and row.count("|") == 4
    code = CALL.findall(WRITTEN["schedules"][name]["torch"])[-1]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=schedule_cards.PEAK)
    scheduler = eval(code, {"optimizer": optimizer, **vars(lr_scheduler)})
    ahead, found = "one step ahead" in WRITTEN["schedules"][name]["torch"], []
    for _ in range(schedule_cards.STEPS + ahead):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    schedule = eval(schedule_cards.example(getattr(schedules, name)), vars(schedules))
    ours = [schedule(t, schedule_cards.STEPS) for t in range(1, schedule_cards.STEPS + 1)]
    # 1e-10: torch multiplies its way along
    np.testing.assert_allclose(ours, found[ahead:], rtol=1e-10, atol=1e-15)


def test_a_schedules_picture_has_its_knobs_with_their_own_meaning():
    stage = schedule_cards.followed(schedules.step_decay, WRITTEN["knobs"])
    assert stage._knobs["period"]["hint"] == "P, after how many steps it drops"
    stage.set(period=50, factor=0.5)
    assert "peak 0.3, period 50, factor 0.5" in stage.summary


def test_rules_for_matrices_notice_mixed_entries_but_no_turned_rows_and_columns():
    surface, draw = matrix_problem(4, 3), np.random.default_rng(0).standard_normal
    small = replace(surface, loss=lambda theta: surface.loss(theta) / 100,
                    grad=lambda theta: surface.grad(theta) / 100)
    turn = {size: np.linalg.qr(draw((size, size)))[0] for size in (3, 4, 12)}

    def turned(axes):
        return replace(small, loss=lambda theta: small.loss(theta @ axes),
                       grad=lambda theta: small.grad(theta @ axes) @ axes.T,
                       start=tuple(np.array(surface.start) @ axes.T))

    for step in steps.shampoo, steps.muon, steps.soap:
        assert facts.of_matrices(step)
        assert not facts.notices(step, small, turned(np.kron(turn[4], turn[3])))
        assert facts.notices(step, small, turned(turn[12]))


@pytest.mark.parametrize(("doc", "words"), [
    ("Source: A & B 2020, part 2. arXiv:1.2. As torch.optim.X; but. torch has it.",
     "A & B 2020, part 2. [arXiv:1.2](<https://arxiv.org/abs/1.2>)."),
    ("Source: A 2020, lecture. As torch.optim.X.\n    https://a.org/b", "A 2020, lecture. "
     "[https://a.org/b](<https://a.org/b>)"),
    ("Nothing.", ""),
])
def test_a_cards_paper_is_what_the_docstring_says_of_it(doc, words):
    assert guide.source(doc) == words


def test_a_knob_is_explained_as_this_rule_uses_it():
    assert "| memory of the mean gradient |" in guide.knob_table("lion", WRITTEN["lion"]["knobs"])
    assert "`lr` | 0.1 | how far a move goes" in guide.knob_table("adam", {})
    assert "`lr` | 1 | the share of the whole move" in guide.knob_table("newton", {})


def test_the_lesson_that_names_a_rule_most_is_the_one_that_a_card_links_to():
    lessons = {"10_a": "L-BFGS, and L-BFGS again", "03_b": "lbfgs", "04_c": "none"}
    assert guide.taught("lbfgs", lessons) == "[10](10_a)"
    assert guide.taught("lbfgs", {**lessons, "04_c": "check(my_lbfgs, lbfgs)"}) == "[04](04_c)"


@pytest.mark.parametrize("name", ["kl_step", "trust_region", "kfac"])
def test_rules_without_a_learning_rate_race_as_well(name):
    run = guide.with_lr(name)
    short, long = (descend(guide.ground("Ravine")(), run, steps=1, lr=lr).theta
                   for lr in (1e-4, 1e-3))
    moved = [abs(theta[1] - theta[0]).max() for theta in (short, long)]
    assert 0 < moved[0] < moved[1]
