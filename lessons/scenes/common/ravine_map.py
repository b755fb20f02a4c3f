"""A ravine's map made of tracks: level lines that turn and narrow without a new backdrop."""
import numpy as np

from lessons.look import GREY, Look
from lessons.plots import frame_map
from lessons.surfaces import ravine

LEVEL, STAR = Look("#aeaeae", (), "o"), Look(GREY, (), "*")
SHARES = np.geomspace(1e-3, 0.45, 6)       # of the highest loss in the window


class Valley:
    """The level lines of a ravine on `ax`: they are ellipses, and darker is lower."""

    def __init__(self, stage, ax):
        self.lines = [stage.ellipse(ax, LEVEL, width=0.8, fill=True) for _ in SHARES]
        stage.marker(ax, STAR, size=13).set([(0, 0)])

    @staticmethod
    def frame(ax):
        """Limits and labels, the same for all ravines."""
        frame_map(ax, ravine())

    def set(self, condition, angle=0.0):
        """Draw another ravine; where its loss is h, one axis is sqrt(2 h / curvature) long."""
        surface, turn = ravine(condition, angle), np.radians(angle)
        along = np.array([np.cos(turn), np.sin(turn)])
        across = np.array([-along[1], along[0]])
        corners = np.array([(x, y) for x in surface.window[0] for y in surface.window[1]])
        highest = surface.loss(corners).max()
        for line, share in zip(self.lines, SHARES[::-1]):
            reach = np.sqrt(2 * share * highest)
            line.set([[(0, 0), reach * along, reach / np.sqrt(condition) * across]])
