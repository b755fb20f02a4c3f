"""What the exercises about adaptive steps expect."""

answers = {
    "adaptive_steps.3": dict(
        expected=0.06,
        wrong={
            0.03: "That is how far it stays from the minimum. How long is one jump?",
            0.015: "Half of 0.03: the wrong way. A jump leads from one side to the other.",
            0.12: "No curvature enters the length of a move: it is in the gradient and in "
                "the root.",
            0.24: "No curvature enters the length of a move: it is in the gradient and in "
                "the root.",
            0.0075: "No curvature enters the length of a move: it is in the gradient and in "
                "the root.",
            0.5: "That is the effective lr, 2 / curvature. The lr itself is the length of a move.",
        },
        hint="How long is a move when all gradients have been of one size for long?",
    ),
    "adaptive_steps.4": dict(
        expected="a",
        wrong={
            "b": "A larger lr would mend that, and every rival had the best of 81.",
            "c": "The start turns with the ravine: the way is as long as before.",
        },
    ),
    "adaptive_steps.5": dict(
        expected="more than ten times",
        wrong={
            "not above": "There RMSprop ends lower. Take its advantage away, and give it time to "
            "leave the minimum again.",
            "not ten times": "There RMSprop ends higher, but not ten times. It gets no lower with "
            "time, and gradient descent does.",
            "out of budget": "An angle and a number of steps from 1 to 1,000 are wanted, as in "
            "10, 100.",
        },
    ),
}
