"""The field guide's cards of schedules: the curve with its numbers, and a walk that follows it."""
import inspect

from lessons import schedules
from lessons.check.display import show
from lessons.descend import descend
from lessons.look import ORANGE, SKY, Look
from lessons.plots import contours, frame_map
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import ravine
from lessons.views import noisy

STEPS, PEAK, WARMUP, CONDITION, WALKS = 100, 0.3, 10, 5.0, 100
SCHEDULED, LEVEL = "With the schedule", "At a constant rate"
LOOKS = {LEVEL: Look(SKY, (7, 2), "s"), SCHEDULED: Look(ORANGE, (), "o")}   # drawn in this order
SLIDERS = {     # a schedule's number -> knobs.py's row for its slider, and its range
    "peak": ("lr", 0.01, 0.5), "value": ("lr", 0.01, 0.5), "warmup": ("warmup", 0, 50),
    "floor": ("floor", 0, 1), "period": ("warmup", 5, 60), "factor": ("shrink", 0.05, 1),
    "decay": ("share", 0.05, 1), "cycles": ("warmup", 1, 10), "up": ("share", 0.05, 0.95)}
CARD = """# {title}

{idea}

$$ {formula} $$

**When.** {when}

## As a curve, and as a walk

{picture}

Gradient descent in a ravine of condition {condition:g}, which bears rates up to 0.4, with a normal
error of deviation 1 on every gradient. Beside it the constant rate is {level}; both meet the same
noise. The map has one walk of each kind, the losses are the mean of {walks}. A floor is set as a
share of the peak here.

## In numbers

| question | answer |
|---|---|
| in the package | `from lessons.schedules import {name}` |
| in torch, for {example} | {torch} |
| paper | {paper} |

| number | usual value | what it is |
|---|---|---|
{numbers}

## In code

{code}
"""


def public():
    """The schedules' functions by their names, in the order of the module."""
    return {name: make for name, make in vars(schedules).items()
            if inspect.isfunction(make) and make.__module__ == schedules.__name__}


def title(name):
    """The schedule's name in words."""
    return name.replace("_", " ").capitalize()


def numbers_of(make):
    """What a schedule takes besides its peak, as the picture begins: {name: value}."""
    return {name: WARMUP if name == "warmup" else parameter.default
            for name, parameter in list(inspect.signature(make).parameters.items())[1:]
            if parameter.default is not None}


@scene("Schedule", steps=STEPS, height=4.6,
       alt="On the left two walks of gradient descent in a noisy ravine, one that follows the "
           "schedule and one at a constant rate. On the right their learning rates, and below them "
           "their losses.")
def followed(stage, make, meanings):
    """Walk with a schedule beside a constant rate, its peak, under the same noise.

    Beside a constant rate walks a tenth of it. meanings: {number of the schedule: what it is}.
    """
    axes = stage.mosaic([["map", "rate"], ["map", "loss"]], width_ratios=(1, 1.1))
    surface = noisy(ravine(CONDITION), 1.0, runs=WALKS)
    frame_map(axes["map"], ravine(CONDITION))
    contours(axes["map"], ravine(CONDITION))
    axes["rate"].set(xlim=(0, STEPS), ylim=(0, 0.55), ylabel="learning rate")
    axes["loss"].set(xlim=(0, STEPS), ylim=(0.003, 30), yscale="log", xlabel="step", ylabel="loss")
    stage.title, head = f"Schedule: {title(make.__name__)}", stage.headline(axes["rate"])
    walks, losses = ({name: stage.path(axes[place], look, group=name,
                                       width=1.2 if name == LEVEL else 2.2)
                      for name, look in LOOKS.items()} for place in ("map", "loss"))
    now = {name: stage.marker(axes["rate"], look, group=name) for name, look in LOOKS.items()}
    plans = {name: stage.path(axes["rate"], look, group=name, whole=True)
             for name, look in LOOKS.items()}
    first, *rest = inspect.signature(make).parameters
    for name, value in {first: PEAK, **numbers_of(make)}.items():
        kind, low, high = SLIDERS[name]
        label = "floor / peak" if name == "floor" else name
        stage.slider(name, value, kind=kind, label=label, within=(low, high), log=False)
        stage._knobs[name]["hint"] = meanings[name]
    stage.record(first)

    def update(**values):
        peak = values[first]
        if "floor" in values:
            values["floor"] *= peak
        ends = {}
        level = schedules.constant(peak / 10 if make is schedules.constant else peak)
        for name, schedule in {SCHEDULED: make(**values), LEVEL: level}.items():
            run = descend(surface, gradient_descent, steps=STEPS, lr=schedule)
            loss, rates = run.loss.mean(-1), [schedule(t, STEPS) for t in range(1, STEPS + 1)]
            walks[name].set(run.theta[:, 0])
            losses[name].over_time(loss)
            losses[name].says([f"loss {value:.2g}" for value in loss])
            plans[name].over_time(rates, first=1)
            now[name].over_time([rates[0], *rates])
            ends[name] = f"{loss[-1]:.2g}"
        said = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
        head(said)
        stage.summary = f"{make.__name__}, {said}: after {STEPS} steps " + ", ".join(
            f"{name.lower()} loss {end}" for name, end in ends.items())

    return update


def card(name, written, picture, source):
    """(page, row of the table) of one schedule; leaves where the card would lack a part.

    written: docs/guide.toml. picture: HTML. source: a function of a docstring, its paper.
    """
    make, extra = public()[name], written["schedules"].get(name, {})
    doc, meanings = inspect.getdoc(make), written["knobs"]
    idea = " ".join(doc.split("\n\n")[0].split())
    taken = inspect.signature(make).parameters
    parts = {"idea (its docstring)": idea, "paper (its docstring)": source(doc),
             **{f"{part} (docs/guide.toml)": extra.get(part)
                for part in ("formula", "when", "torch")},
             **{f"meaning of {one} (docs/guide.toml)": meanings.get(one) for one in taken}}
    if lacking := [what for what, text in parts.items() if not text]:
        raise SystemExit(f"The field guide's card of {name} lacks: {', '.join(lacking)}.")
    usual = {one: "" if parameter.default is parameter.empty else parameter.default
             for one, parameter in taken.items()} | extra.get("usual", {})
    numbers = [f"| `{one}` | {value} | {meanings[one]} |" for one, value in usual.items()]
    code = show(make)._repr_markdown_().partition("\n\nSource: ")[0]
    text = CARD.format(name=name, title=title(name), idea=idea, formula=extra["formula"],
                       when=extra["when"], picture=picture, condition=CONDITION, walks=WALKS,
                       torch=extra["torch"], level="a tenth" if name == "constant" else "the peak",
                       example=f"`{example(make)}` of {STEPS} steps", paper=source(doc),
                       numbers="\n".join(numbers), code=code)
    return text, f"| [{title(name)}](schedule_{name}) | {idea} | {extra['when']} |"


def example(make):
    """The call whose torch form the card gives, as text."""
    warm = f", warmup={WARMUP}" if "warmup" in inspect.signature(make).parameters else ""
    return f"{make.__name__}({PEAK}{warm})"
