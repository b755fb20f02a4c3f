"""What people get wrong in Newton's step, its saddle-free form, and the line search."""

from lessons.check.mistakes.mistake import Mistake

DAMPED_ALL = "damping on every entry", "Is the damping added to every entry, not to the diagonal?"

NEWTON = [
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
        "negative curvature cut off",
        "Is a negative curvature cut off, not turned positive?",
        {"np.abs(curvature)": "np.maximum(curvature, 0)"},
    ),
    Mistake(
        "absolute value of the entries",
        "Is the sign taken from the entries of the matrix, where it should be the curvatures'?",
        {
            "spectrum(surface.hess(theta))": "spectrum(np.abs(surface.hess(theta)))",
            "np.abs(curvature) + damping": "curvature + damping",
        },
    ),
    Mistake(
        "turned the wrong way",
        "Are the axes taken as rows, where they are columns?",
        {
            "times(axes.swapaxes(-1, -2), g)": "times(axes, g)",
            "times(axes, along / (np.abs(curvature) + damping))":
            "times(axes.swapaxes(-1, -2), along / (np.abs(curvature) + damping))",
        },
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
]

NEWTON_LINE_SEARCH = [
    Mistake(
        "absolute value missing",
        "Is every curvature positive where it divides, so that the direction leads down?",
        {"np.abs(curvature) + damping": "curvature + damping"},
    ),
    Mistake(
        "slope without the direction",
        "Is the fall that it promises the one along its own direction?",
        {"dot(g, d)": "-dot(g, g)"},
    ),
    *LINE_SEARCH,
]

MISTAKES = {"newton": NEWTON, "saddle_free_newton": SADDLE_FREE, "line_search": LINE_SEARCH,
            "newton_line_search": NEWTON_LINE_SEARCH}
