"""What people get wrong in Newton's step, its saddle-free form, and the line search."""

from lessons.check.mistakes.mistake import Mistake

DAMPED_ALL = "damping on every entry", "Is the damping added to every entry, not to the diagonal?"

NEWTON = [
    Mistake(
        "Hessian not inverted",
        "Is the gradient multiplied by the Hessian, not divided by it?",
        {"solve(damped(H, damping), g)": "times(damped(H, damping), g)"},
    ),
    Mistake(
        "entry by entry",
        "Is each entry of the Hessian inverted, which is not the inverse of it?",
        {"solve(damped(H, damping), g)": "times(1 / damped(H, damping), g)"},
    ),
    Mistake(
        "diagonal only",
        "Does it use the diagonal only, which a tilted bowl has no use for?",
        {"solve(damped(H, damping), g)": "g / np.diagonal(damped(H, damping), axis1=-2, axis2=-1)"},
    ),
    Mistake(*DAMPED_ALL, {"damped(H, damping)": "H + damping"}),
    Mistake(
        "damping subtracted",
        "Is the damping subtracted, which can make a curvature negative?",
        {"damped(H, damping)": "damped(H, -damping)"},
    ),
    Mistake(
        "damping after the inverse",
        "Does the damping come after the inverse, as a second move?",
        {"solve(damped(H, damping), g)": "(solve(H, g) + damping * g)"},
    ),
    Mistake(
        "saddle-free instead of Newton",
        "Are the curvatures made positive, as the saddle-free form does?",
        {
            "H = surface.hess(theta)": "values, axes = spectrum(surface.hess(theta))",
            "damped(H, damping)":
            "damped(axes * np.abs(values)[..., None, :] @ axes.swapaxes(-1, -2), damping)",
        },
    ),
    Mistake(
        "Hessian missing",
        "Does the curvature take part, or is it gradient descent?",
        {"solve(damped(H, damping), g)": "g"},
    ),
]

SADDLE_FREE = [
    Mistake(
        "absolute value missing",
        "Is every curvature positive where it divides?",
        {"np.abs(curvature) + damping": "curvature + damping"},
    ),
    Mistake(
        "damping inside the absolute value",
        "Is the damping added before the sign is taken away, where it should come after?",
        {"np.abs(curvature) + damping": "np.abs(curvature + damping)"},
    ),
    Mistake(
        "entry by entry",
        "Is each entry of the Hessian made positive, not each curvature?",
        {
            "times(axes, along / (np.abs(curvature) + damping))":
            "solve(damped(np.abs(surface.hess(theta)), damping), g)"
        },
    ),
    Mistake(
        "negative curvature cut off",
        "Is a negative curvature cut off, not turned positive?",
        {"np.abs(curvature)": "np.maximum(curvature, 0)"},
    ),
    Mistake(
        "axes the wrong way round",
        "Does the gradient turn into the axes and out again, in that order?",
        {
            "times(axes.swapaxes(-1, -2), g)": "times(axes, g)",
            "times(axes, along / (np.abs(curvature) + damping))":
            "times(axes.swapaxes(-1, -2), along / (np.abs(curvature) + damping))",
        },
    ),
    Mistake(
        "not turned back",
        "Does the move turn back out of the axes?",
        {
            "times(axes, along / (np.abs(curvature) + damping))":
            "along / (np.abs(curvature) + damping)"
        },
    ),
    Mistake(
        "curvature multiplied",
        "Is the gradient multiplied by the curvature, not divided by it?",
        {"along / (np.abs(curvature) + damping)": "along * (np.abs(curvature) + damping)"},
    ),
]

ENOUGH = "loss_of(surface, theta + share * d) <= loss + c1 * share * fall"

LINE_SEARCH = [
    Mistake(
        "any fall accepted",
        "Is any fall enough, however small beside what the gradient promises?",
        {"loss + c1 * share * fall": "loss"},
    ),
    Mistake(
        "length missing in the condition",
        "Does the promised fall shrink as the length does?",
        {"c1 * share * fall": "c1 * fall"},
    ),
    Mistake(
        "promise with the wrong sign",
        "Does the gradient promise a fall, or a climb?",
        {"dot(g, d)": "dot(g, -d)"},
    ),
    Mistake(
        "condition upside down",
        "Does it stop where the loss is still too high?",
        {ENOUGH: ENOUGH.replace("<=", ">=")},
    ),
    Mistake(
        "shrinks once only",
        "Does it shrink again when once is not enough?",
        {"range(TRIALS)": "range(1)", "np.where(enough, share, 0)": "share"},
    ),
    Mistake(
        "never shrinks",
        "Does the length shrink at all?",
        {"shrink * share": "share", "np.where(enough, share, 0)": "share"},
    ),
    Mistake(
        "one shrink too many",
        "Does it shrink once more after the length is right?",
        {"np.where(enough, share, 0)": "np.where(enough, shrink * share, 0)"},
    ),
    Mistake(
        "gradient normalised",
        "Is the direction divided by its length?",
        {"d = -lr * g": "d = -lr * g / np.sqrt(dot(g, g))"},
    ),
    Mistake(
        "loss at theta again",
        "Is the trial point's loss asked, or theta's own again?",
        {"theta + share * d": "theta"},
    ),
]

MISTAKES = {"newton": NEWTON, "saddle_free_newton": SADDLE_FREE, "line_search": LINE_SEARCH}
