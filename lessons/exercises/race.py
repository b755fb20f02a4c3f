"""What the exercises about the race expect."""

answers = {
    "race.2": dict(
        expected="Adam",
        wrong={
            "Momentum diverges": "Close: here momentum diverges, and nobody may. Go a little "
            "lower.",
            "Gradient descent diverges": "Gradient descent diverges: it moves lr times a "
            "gradient of "
            "200, out of the valley. Go lower.",
            "Gradient descent": "At lr 0 nobody moves, and all are level. Go a little higher.",
        },
        hint="That rival comes last at your lr; Adam's moves are about lr long, however steep the "
        "wall: which end of the slider hurts it most?",
    ),
    "race.3": dict(
        expected="b",
        wrong={
            "a": "More steps at an unfair lr are still unfair. What does 0.05 mean to each?",
            "c": "Then luck would decide. Rivals share the start; several starts show the spread.",
        },
    ),
}
