"""The scenes of lesson 04 in a real JupyterLab: knobs, presets, play, the start (see by_hand)."""

from support.by_hand import *  # noqa: F403

CODE = """from functools import partial
from IPython.display import display
from lessons.scenes import decay, relatives, strides
from lessons.steps import adam, rmsprop
rules = {"Adam": adam, "RMSprop": rmsprop}
scenes = [
    strides(rules, presets={"far": dict(rule="RMSprop", beta2=0.9, sigma=2.0)}),
    relatives({**rules, "Signs": partial(adam, beta1=0.0, beta2=0.0)},
              presets={"far": dict(relative="Signs", angle=40.0, rates="each at its best")}),
    decay(presets={"far": dict(weight_decay="1", lr="0.001")})]
display(*scenes)"""
KNOBS = {"strides": ["rule", "beta1", "beta2", "gradient noise", "seed"],
         "relatives": ["relative", "learning rates", "learning rate", "angle", "condition number"],
         "decay": ["weight decay", "learning rate"]}
FIXED = ("strides", "decay")
