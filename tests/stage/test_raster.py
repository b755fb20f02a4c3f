"""What makes a layout and a drawing quicker changes no pixel of them."""

from contextlib import nullcontext

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lessons.raster import ticks_once


class Counted(MaxNLocator):
    calls = 0

    def __call__(self):
        self.calls += 1
        return super().__call__()


def drawn(once, limits=None):
    """(pixels, how often ticks were worked out) of a figure; limits: set after the layout."""
    figure = Figure((7, 5), layout="constrained")
    canvas, counted = FigureCanvasAgg(figure), Counted()
    (plain, log), (square, top) = figure.subplots(2, 2)
    plain.set(xlim=(-3, 5), ylim=(0, 123456), title="A title", xlabel="step", ylabel="loss")
    log.set(xscale="log", yscale="log", xlim=(1e-6, 3), ylim=(2e-3, 7), title="Another")
    square.set(xlim=(-2, 2), ylim=(-1, 1), aspect="equal")
    top.xaxis.tick_top()
    top.set(xlabel="above", title="Over it")
    plain.xaxis.set_major_locator(counted)
    with once(figure):
        figure.get_layout_engine().execute(figure)
        figure.set_layout_engine(None)
        if limits:
            canvas.draw()
            plain.set(xlim=limits)
        canvas.draw()
    return np.array(canvas.buffer_rgba()), counted.calls


@pytest.mark.parametrize("limits", [None, (0, 1000)], ids=["as laid out", "in another range"])
def test_ticks_worked_out_once_are_drawn_where_matplotlib_draws_them(limits):
    (usual, often), (once, seldom) = drawn(lambda figure: nullcontext(), limits), drawn(
        ticks_once, limits)
    assert np.array_equal(usual, once)
    assert seldom < often / 2


def test_afterwards_an_axis_works_out_its_ticks_as_before():
    figure = Figure()
    axis = figure.add_subplot().xaxis
    with pytest.raises(ZeroDivisionError), ticks_once(figure):
        1 / 0       # noqa: B018
    assert "_update_ticks" not in vars(axis) and "_get_ticklabel_bboxes" not in vars(axis)
