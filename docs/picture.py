"""Make the README's animated picture: the race of notebook 00, drawn from its own stage.

Run it with the environment's Python: python docs/picture.py
"""
import io
from pathlib import Path

from PIL import Image

from lessons.scenes import race
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import rosenbrock

RIVALS = {"Gradient descent": gradient_descent, "Momentum": momentum, "RMSprop": rmsprop,
          "Adam": adam}
stage = race(rosenbrock, RIVALS, target=0.5, rates="each at its best")
frames = [Image.open(io.BytesIO(stage.snapshot(step))).convert("RGB")
          for step in range(stage.steps + 1)]
palette = frames[-1].quantize(48, dither=0)
frames = [frame.quantize(palette=palette, dither=0) for frame in frames]
frames[0].save(Path(__file__).with_name("race.gif"), save_all=True, append_images=frames[1:],
               duration=[80] * stage.steps + [3000], loop=0, optimize=True)
