"""`@scene`: turns a function that builds a picture into one that readers call in a notebook."""
import functools
import inspect

from matplotlib.figure import Figure

from lessons.stage.stage import Stage

WIDTH = 9.2     # inches: what fits a notebook's column


def scene(title, *, steps, alt, height=3.9, rate=20):
    """Decorator: `build(stage, ...)` becomes a scene, a function that returns a finished Stage.

    build adds axes (stage.grid), tracks and knobs, and returns the function of the knobs that sets
    the tracks; it may change stage.steps, stage.alt and stage.title, which start as given here.
    The scene takes what build takes, and four things more: `presets`, label -> {knob: value}, a
    button each; `still`, the step that a page without a kernel shows, the last one where it is
    None; `beside`, labels of presets whose stills such a page shows as well; and a value for any
    knob by its name. Names of knobs that build takes go to build; one that ends in `**values`
    takes them all.
    height: of the figure, in inches. rate: steps per second.
    Raises KeyError for a knob or a preset beside that the picture does not have, ValueError for a
    value out of range.
    """
    def decorate(build):
        own = list(inspect.signature(build).parameters)[1:]
        takes_all = inspect.getfullargspec(build).varkw is not None

        @functools.wraps(build)
        def make(*args, presets=None, still=None, beside=(), **values):
            options = {name: values.pop(name) for name in list(values)
                       if takes_all or name in own}
            stage = Stage(Figure((WIDTH, height)), steps, alt, title=title, rate=rate)
            update = build(stage, *args, **options)
            for label, turned in (presets or {}).items():
                stage.preset(label, **turned)
            if unknown := set(beside) - set(presets or {}):
                raise KeyError(f"no preset {min(unknown)!r} to show beside")
            stage.still = stage.still if still is None else still
            stage.beside = beside
            stage.set(**values)
            stage.compute(update)
            return stage

        return make
    return decorate
