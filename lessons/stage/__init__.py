"""A player for pictures that move: Matplotlib draws what stands still, the browser what moves."""
from lessons.stage.scene import scene
from lessons.stage.stage import Stage

__all__ = ["Stage", "scene"]
