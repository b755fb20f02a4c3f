"""Interactive pictures, one function each; they compose a Stage, descend and the knobs."""
from lessons.scenes.boxes import boxes
from lessons.scenes.chase import chase
from lessons.scenes.memory import memory
from lessons.scenes.microscope import microscope
from lessons.scenes.pad import pad
from lessons.scenes.race import race
from lessons.scenes.roll import roll
from lessons.scenes.settle import settle
from lessons.scenes.turn import turn

__all__ = ["boxes", "chase", "memory", "microscope", "pad", "race", "roll", "settle", "turn"]
