"""Interactive pictures, one function each; they compose a Stage, descend and the knobs."""
from lessons.scenes.boxes import boxes
from lessons.scenes.chase import chase
from lessons.scenes.composer import composer
from lessons.scenes.decay import decay
from lessons.scenes.memory import memory
from lessons.scenes.microscope import microscope
from lessons.scenes.onset import onset
from lessons.scenes.pad import pad
from lessons.scenes.race import race
from lessons.scenes.relatives import relatives
from lessons.scenes.roll import roll
from lessons.scenes.settle import settle
from lessons.scenes.shadow import shadow
from lessons.scenes.strides import strides
from lessons.scenes.stuck import stuck
from lessons.scenes.sweep import sweep
from lessons.scenes.turn import turn

__all__ = ["boxes", "chase", "composer", "decay", "memory", "microscope", "onset", "pad", "race",
           "relatives", "roll", "settle", "shadow", "strides", "stuck", "sweep", "turn"]
