"""What the exercises about momentum expect."""

answers = {
    "momentum.3": dict(
        expected=0.4,
        wrong={
            0.001: "That is lr times (1 - beta). The average is already that much smaller; make up "
            "for it.",
            0.02: "With the same lr the average walks 20 times less far on a steady gradient.",
            0.2: "That is for beta 0.9. With 0.95 one part in 20 of a gradient joins the average.",
            0.38: "The newest gradient counts too: its weight in the sum is 1, not beta.",
            20.0: "That is 1 / (1 - beta), by how much lr has to grow. What is lr then?",
        },
        hint="Which factor stands between the sum and the average, at every step?",
    ),
    "momentum.4": dict(
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
    "momentum.5": dict(
        expected="three times as many or more",
        wrong={
            "fewer": "There momentum needs fewer gradients: the ravine is narrow. Widen it, by a "
            "smaller condition number.",
            "more, but not three times": "There momentum loses, but not by three times. Widen it, "
            "by a smaller condition number.",
            "neither settles": "There neither settles within 300 gradients: the ravine is far too "
            "narrow. Widen it, by a smaller condition number.",
            "no ravine": "A condition number is wanted: one number above 1.",
        },
    ),
}
