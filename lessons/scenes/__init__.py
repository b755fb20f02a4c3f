"""Interactive pictures, one function each; they compose a Stage, descend and the knobs."""
from lessons.scenes.race import race

__all__ = ["race"]
