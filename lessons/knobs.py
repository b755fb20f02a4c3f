"""Every knob of the course with its name, range and unit; all sliders and labels come from here."""
from typing import NamedTuple


class Knob(NamedTuple):
    """What a slider has to know about the number that it turns."""

    label: str
    symbol: str
    low: float
    high: float
    meaning: str
    log: bool = False
    whole: bool = False
    unit: str = ""


KNOBS = {
    "lr": Knob("learning rate", "lr", 1e-4, 10.0, "length of a step per unit of gradient",
               log=True),
    "lr_L": Knob("learning rate x L", "ηL", 0.02, 4.2,
                 "learning rate times the largest curvature", log=True),
    "beta": Knob("momentum beta", "β", 0.0, 0.99, "share of the velocity that is kept"),
    "beta1": Knob("beta1", "β₁", 0.0, 0.99, "memory of the mean gradient"),
    "beta2": Knob("beta2", "β₂", 0.5, 0.9999, "memory of the mean squared gradient"),
    "eps": Knob("eps", "ε", 1e-12, 1.0, "added to what the gradient is divided by", log=True),
    "rho": Knob("radius rho", "ρ", 0.0, 2.0, "how far uphill the second gradient is read"),
    "weight_decay": Knob("weight decay", "wd", 0.0, 1.0, "theta shrinks by this times lr"),
    "damping": Knob("damping", "δ", 0.0, 2.0, "a curvature that is added to every one"),
    "delta": Knob("KL step", "KL", 1e-4, 1.0, "how far the model's answers may move", log=True),
    "nesterov": Knob("Nesterov", "N", 0, 1, "1: the gradient counts once more; 0: not", whole=True),
    "times": Knob("lr / first limit", "lr / limit", 0.5, 2.5,
                  "the learning rate over the limit at the start"),
    "doublings": Knob("lr 0.1 doubled", "2^k", 0, 5, "how often the learning rate 0.1 is doubled",
                      whole=True),
    "radius": Knob("trust radius", "Δ", 0.01, 10.0, "the first step's longest move", log=True),
    "memory": Knob("memory", "pairs", 0, 20, "how many past moves are remembered", whole=True),
    "c1": Knob("c1", "c₁", 1e-4, 0.9, "share of the promised descent that is asked for", log=True),
    "c2": Knob("c2", "c₂", 0.01, 0.99, "share of the first slope that counts as flat enough"),
    "shrink": Knob("shrink", "τ", 0.1, 0.9, "a move that is too long is cut to this share"),
    "period": Knob("period", "k", 1, 50, "steps between renewals of the curvature", whole=True),
    "scale": Knob("scale", "γ", 0.001, 10.0, "what a curvature is multiplied by", log=True),
    "factor": Knob("factor", "×", 1.0, 1000.0, "what the loss is multiplied by", log=True),
    "sigma": Knob("gradient noise", "σ", 0.0, 3.0, "standard deviation of each gradient's noise"),
    "warmup": Knob("warm-up", "w", 0, 150, "how many steps the rate rises first", whole=True),
    "floor": Knob("floor / peak", "f", 0.0, 1.0, "where the rate ends, as a share of its peak"),
    "condition": Knob("condition number", "κ", 1.0, 100.0, "steepest / flattest", log=True),
    "curvature": Knob("curvature", "λ", 0.1, 10.0, "second derivative of the loss", log=True),
    "angle": Knob("angle", "φ", 0.0, 90.0, "the ravine is turned by this much", unit="°"),
    "example": Knob("angle of the example", "∠", 5.0, 85.0, "in which direction an example points",
                    unit="°"),
    "steps": Knob("steps", "T", 10, 300, "how many steps each rival may take", whole=True),
    "batch": Knob("batch size", "B", 1, 1024, "examples per gradient", log=True, whole=True),
    "weight": Knob("weight w", "W", 0.4, 2.0, "how strongly the neuron hears itself"),
    "bias": Knob("bias b", "b", -0.3, 0.3, "what is added at each time step"),
    "depth": Knob("time steps", "t", 1, 30, "how often the neuron hears itself", whole=True),
    "threshold": Knob("threshold c", "c", 0.01, 1000.0,
                      "gradients up to this length stay as they are", log=True),
    "share": Knob("rare examples", "p", 0.02, 0.5, "which fraction of the examples is rare"),
    "spike": Knob("spike", "G", 1.0, 1000.0, "one gradient, this many times as long as the others",
                  log=True),
    "every": Knob("it comes every", "1/n", 2, 3000, "steps from one rare gradient to the next",
                  log=True, whole=True, unit=" steps"),
    "examples": Knob("examples", "n", 1, 30, "how many examples are averaged", whole=True),
    "trained": Knob("how far trained", "θ", 0.0, 1.0, "the parameters, as a share of the minimum"),
    "slope": Knob("slope at 0", "a", 1.5, 4.0, "what a small singular value is multiplied by"),
    "work": Knob("matrix work", "w×", 0.0, 2.0, "its cost, as a share of what it costs here"),
    "lr_ratio": Knob("Adam's lr / Lion's lr", "ratio", 1.0, 10.0,
                     "so many times smaller is Lion's learning rate", log=True),
    "mistake": Knob("rate / its best", "lr×", 0.1, 10.0,
                    "so many times the best learning rate is used", log=True),
    "divisor": Knob("divisor", "÷", 1.0, 30.0,
                    "the learning rate is the lowest point over this", log=True),
    "signal": Knob("signal", "s", 0.0, 2.0, "the mean gradient, in deviations of its noise"),
    "seed": Knob("seed", "seed", 0, 20, "which random numbers", whole=True),
}


def knob(name):
    """The Knob called `name`; raises KeyError with the names that exist."""
    if name not in KNOBS:
        raise KeyError(f"no knob is called {name!r}; knobs.py has {', '.join(KNOBS)}")
    return KNOBS[name]
