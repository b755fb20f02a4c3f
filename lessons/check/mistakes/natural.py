"""What people get wrong in the natural gradient and the KL step."""

from lessons.check.mistakes.mistake import Mistake
from lessons.check.mistakes.second_order import DAMPED_ALL

HESSIAN = "Hessian instead of Fisher", "Is it the Hessian, which sees the loss, not the model?"
NOT_INVERTED = "Fisher not inverted", "Does the Fisher matrix multiply the gradient, not divide?"
DIAGONAL = "diagonal only", "Does it use the diagonal of the Fisher matrix only?"
EMPIRICAL = (
    "empirical Fisher",
    "Is the matrix made of the gradient itself, where the model draws the labels?",
)
OUTER = "(g[..., :, None] * g[..., None, :])"

NATURAL_GRADIENT = [
    Mistake(*HESSIAN, {"surface.fisher(theta)": "surface.hess(theta)"}),
    Mistake(
        *NOT_INVERTED,
        {"solve(damped(F, damping), g)": "(damped(F, damping) @ g[..., None])[..., 0]"},
    ),
    Mistake(
        *DIAGONAL,
        {"solve(damped(F, damping), g)": "g / np.diagonal(damped(F, damping), axis1=-2, axis2=-1)"},
    ),
    Mistake(*EMPIRICAL, {"surface.fisher(theta)": OUTER}),
    Mistake(*DAMPED_ALL, {"damped(F, damping)": "F + damping"}),
    Mistake(
        "root of Fisher",
        "Is it the root of the Fisher matrix that divides, as in Adam?",
        {
            "F = surface.fisher(theta)":
            "s, U = np.linalg.eigh(damped(surface.fisher(theta), damping))",
            "solve(damped(F, damping), g)":
            "(U / np.sqrt(s)[..., None, :] @ U.swapaxes(-1, -2) @ g[..., None])[..., 0]",
        },
    ),
    Mistake(
        "Fisher missing",
        "Does the Fisher matrix take part, or is it gradient descent?",
        {"solve(damped(F, damping), g)": "g"},
    ),
]

KL_STEP = [
    Mistake(
        "factor 2 missing",
        "Is the half of the divergence made up for under the root?",
        {"2 * delta": "delta"},
    ),
    Mistake(
        "factor 2 missing",
        "Does the half of the divergence stand on the wrong side?",
        {"2 * delta": "delta / 2"},
    ),
    Mistake(
        "root missing",
        "Is the root missing, where the divergence grows with the square?",
        {"np.sqrt(ratio(2 * delta, dot(g, d)))": "ratio(2 * delta, dot(g, d))"},
    ),
    Mistake(
        "length by the gradient",
        "Is the length taken from the gradient alone?",
        {"dot(g, d)": "dot(g, g)"},
    ),
    Mistake(
        "length by the direction",
        "Is the length taken from the direction alone?",
        {"dot(g, d)": "dot(d, d)"},
    ),
    Mistake(
        "Fisher missing",
        "Does the Fisher matrix take part, or is the length all that it has?",
        {"solve(damped(surface.fisher(theta), damping), g)": "g"},
    ),
    Mistake(
        *DIAGONAL,
        {
            "solve(damped(surface.fisher(theta), damping), g)":
            "g / (np.diagonal(surface.fisher(theta), axis1=-2, axis2=-1) + damping)"
        },
    ),
    Mistake(
        *DAMPED_ALL, {"damped(surface.fisher(theta), damping)": "surface.fisher(theta) + damping"}
    ),
]

MISTAKES = {"natural_gradient": NATURAL_GRADIENT, "kl_step": KL_STEP}
