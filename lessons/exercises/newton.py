"""What the exercises about Newton's step, its repairs and its length expect."""

import numpy as np

# symmetric matrices of two curvatures each: of a saddle, a minimum and a maximum
BENT = [np.array(H) for H in ([[95.8, 13.8], [13.8, -12.4]], [[74.0, 20.0], [20.0, 34.0]],
                              [[-44.8, -0.8], [-0.8, -16.9]])]


def size_of(H):
    """|H|: the same eigenvectors, the sizes of the curvatures."""
    c, Q = np.linalg.eigh(H)
    return Q @ np.diag(np.abs(c)) @ Q.T


def sign_of(H):
    """The same eigenvectors, the signs of the curvatures."""
    c, Q = np.linalg.eigh(H)
    return Q @ np.diag(np.sign(c)) @ Q.T


def unchanged(H):
    """The curvatures as they are."""
    return H


def curvatures(product, u):
    """All eigenvalues of the matrix whose products are given, by its columns."""
    return np.linalg.eigvalsh(np.stack([product(e) for e in np.eye(len(u))]))


def lowest(product, u):
    """The lowest curvature."""
    return curvatures(product, u)[0]


def steepest(product, u):
    """The curvature that is the largest in size."""
    c = curvatures(product, u)
    return c[np.abs(c).argmax()]


def largest(product, u):
    """The size of the curvature that is the largest in size."""
    return abs(steepest(product, u))


def shifted(product, u):
    """The lowest curvature minus that size."""
    return lowest(product, u) - largest(product, u)


answers = {
    "newton.1": dict(
        expected=[0.8, 21, 5],
        rtol=1e-3,
        hint="In this order: the factor, the number of steps, the learning rate.",
        wrong={
            (2 / 3, 12, 3): "That is x to the fourth power. Here it is the sixth.",
            (5 / 6, 26, 6): "The step is f' / f'', not f / f'.",
            (0.2, 3, 5): "That is the share which the step takes away. What is left?",
            (0.8, 20.64, 5): "A step cannot be made in part: round the number of steps up.",
            (0.8, 20, 5): "After 20 steps x is still above 0.01.",
            (0.8, 21, 1.25): "The step is x / 5. By what must it be multiplied to be x?",
        },
    ),
    "newton.2": dict(
        expected=0.5,
        wrong={
            1.0: "The promise is that of a straight line, which goes on sinking as steeply as at "
            "the start. The parabola does not.",
            2.0: "The other way round: what it brings, over what was promised.",
            1e-4: "That is the usual value. From which one on is the perfect jump refused?",
            0.9: "No: put f = c x^2 / 2 into the condition, with d = -x.",
        },
    ),
    "newton.3": dict(
        expected=1 / np.sqrt(5),
        wrong={
            1 / np.sqrt(3): "The border lies farther in: where the curvature changes its sign is "
            "not yet the border.",
            1 / 3: "The border lies farther out.",
            1: "That is a minimum. Starts close to it go there, and not to the saddle.",
            0.2: "That is the square of y.",
        },
    ),
    "newton.4": dict(
        expected=size_of,
        cases=[(H,) for H in BENT],
        wrong={
            abs: "Those are the sizes of the entries of H. Wanted are the sizes of its curvatures.",
            sign_of: "These have curvatures 1 and -1: only the signs. What must a sign be "
            "multiplied by to give the size?",
            unchanged: "That is H itself.",
        },
    ),
    "newton.5": dict(
        expected=lowest,
        cases=[(H.__matmul__, np.array([0.6, 0.8])) for H in BENT[::-1]],
        hint="The lowest curvature, with its sign.",
        wrong={
            steepest: "That is the curvature of the largest size. How can the lowest be made the "
            "largest in size?",
            largest: "That is the largest size; the curvature along u is u dot H u, where u has "
            "length 1.",
            shifted: "These belong to the shifted matrix: shift back.",
        },
    ),
    "newton.6": dict(
        expected=1,
        wrong={
            0: "None attracts any more: less damping.",
            2: "Two places still attract: a little more damping.",
            3: "Three places still attract: more damping.",
            4: "Four places still attract: more damping.",
            5: "All five still attract: more damping.",
        },
    ),
}
