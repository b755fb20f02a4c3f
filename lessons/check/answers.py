"""What the exercises of the notebooks expect, out of the reader's sight.

Use: check(mine, **answers["01.1"]).
expected: the answer. wrong: what people often find instead, and what to say about it.
hint: one sentence, added to any other miss. Each key is the lesson's number and the exercise's.
"""

answers = {
    "00.2": dict(
        expected="Adam",
        wrong={
            "Momentum diverges": "Close: here momentum diverges, and nobody may. Go a little "
            "lower.",
            "Gradient descent diverges": "Gradient descent diverges: it moves lr times a slope of "
            "200, out of the valley. Go lower.",
            "Gradient descent": "At lr 0 nobody moves, and all are level. Go a little higher.",
        },
        hint="That rival comes last at your lr; Adam's moves are about lr long, however steep the "
        "wall: which end of the slider hurts it most?",
    ),
    "00.3": dict(
        expected="b",
        wrong={
            "a": "More steps at an unfair lr are still unfair. What does 0.05 mean to each?",
            "c": "Then luck would decide. Rivals share the start; several starts show the spread.",
        },
    ),
    "01.1": dict(
        expected=0.25,
        wrong={
            2 / 7: "That takes the largest entry of the diagonal, the curvature along an axis. "
            "The steepest direction is no axis.",
            2 / 3: "That is the limit of the flattest direction. Which direction explodes first?",
            1 / 8: "That is 1 / curvature, one step to the bottom of the wall. The limit is twice "
            "as far.",
            8.0: "That is the curvature. The limit is 2 divided by it.",
            2 / 11: "That is the best learning rate, or 2 / (sum of the curvatures). The limit "
            "asks the steepest direction alone.",
            2 / 9: "That is 2 / (largest sum of a row), a bound on the limit. The eigenvalues give "
            "the limit itself.",
        },
    ),
    "01.2": dict(
        expected=["settles", "explodes"],
        wrong={
            ("settles", "settles"): "Both settle. A larger condition number lowers the limit.",
            ("explodes", "explodes"): "Both explode. A smaller condition number raises the limit.",
        },
    ),
    "01.3": dict(
        expected=0.125,
        wrong={
            0.25: "That is one change alone, or the noise without its square. Both act together.",
            0.5: "That is the learning rate alone. What does the batch do?",
            8.0: "The right size, but the floor goes down.",
            0.0625: "The batch quarters noise squared; it is squared already.",
        },
    ),
    "01.4": dict(
        expected=[1, 1 / 2, 1 / 10],
        hint="my_lr is a function of t and total.",
        wrong={
            (1, 0.5**0.5, 0.1**0.5): "The root falls too slowly for a mean. By how much does a "
            "mean of t numbers move when one more arrives?",
            (1 / 2, 1 / 3, 1 / 11): "t counts from 1: the first step should land on the first "
            "measurement.",
            (1 / 200, 1 / 200, 1 / 200): "That is 1 / total at every step. The mean of the t "
            "measurements so far moves by another share at each.",
            (1, 0.995, 0.955): "A straight line down weighs the late measurements more. A mean "
            "weighs them all alike.",
        },
    ),
    "02.3": dict(
        expected=0.4,
        wrong={
            0.001: "That is lr times (1 - beta). The average is already that much smaller; make up "
            "for it.",
            0.02: "With the same lr the average walks 20 times less far on a steady slope.",
            0.2: "That is for beta 0.9. With 0.95 one part in 20 of a slope joins the average.",
            0.38: "The newest slope counts too: its weight in the sum is 1, not beta.",
            20.0: "That is 1 / (1 - beta), by how much lr has to grow. What is lr then?",
        },
        hint="Which factor stands between the sum and the average, at every step?",
    ),
    "02.4": dict(
        expected=[4 / 22**2, (9 / 11) ** 2],
        hint="The formulas ask for both square roots, 20 and 2, and for that of the condition "
        "number, 10.",
        wrong={
            (2 / 404, 0.0): "That is gradient descent's best. What does memory allow?",
            (4 / 22**2, 9 / 11): "The lr is right. beta is the square of that; its root is the "
            "rate.",
            (1 / 400, 9 / 11): "That is Nesterov's usual pair. The heavy ball bears a longer lr.",
            (4 / 11**2, (9 / 11) ** 2): "The beta is right. The lr asks for the curvatures "
            "themselves: with 100 and 1 in their place it is 4 times too long.",
            (4 / 404**2, (99 / 101) ** 2): "Take the square roots of the curvatures first, then "
            "add, then square.",
            ((9 / 11) ** 2, 4 / 22**2): "Both numbers are right, in the other order: lr, then "
            "beta.",
        },
    ),
    "02.5": dict(
        expected="three times as many or more",
        wrong={
            "fewer": "There momentum needs fewer slopes: the ravine is narrow. Widen it.",
            "more, but not three times": "There momentum loses, but not by three times. Widen it.",
        },
        hint="A condition number is above 1, and below about 12 here.",
    ),
    "03.3": dict(
        expected=0.06,
        wrong={
            0.03: "That is how far it stays from the minimum. How long is one jump?",
            0.015: "Half of 0.03: the wrong way. A jump leads from one side to the other.",
            0.12: "No curvature enters the length of a move: it is in the slope and in the root.",
            0.24: "No curvature enters the length of a move: it is in the slope and in the root.",
            0.0075: "No curvature enters the length of a move: it is in the slope and in the root.",
            0.5: "That is the effective lr, 2 / curvature. The lr itself is the length of a move.",
        },
        hint="How long is a move when all slopes have been of one size for long?",
    ),
    "03.4": dict(
        expected="a",
        wrong={
            "b": "A larger lr would mend that, and every rival had the best of 81.",
            "c": "The start turns with the ravine: the way is as long as before.",
        },
    ),
    "03.5": dict(
        expected="gradient descent",
        wrong={
            "RMSprop": "There RMSprop ends lower. Take its advantage away, and give it time to "
            "leave the minimum again.",
        },
        hint="my_ravine is an angle and a number of steps, as in 10, 100.",
    ),
}
