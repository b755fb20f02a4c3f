"""What the exercises about Adam expect."""

answers = {
    "adam.3": dict(
        expected="b",
        wrong={
            "a": "Then lr 0.001 would tell them apart, for there they are still on their way at "
            "step 200. The scene has both: do they?",
            "c": "1e-4 times 0.06 is 6e-6, and eps is 1e-8: it takes little away. What is left of "
            "a fraction when the same factor stands above and below?",
        },
        hint="The answer is one letter: a, b or c.",
    ),
    "adam.4": dict(
        expected="up",
        wrong={
            "down": "There Adam walks down. For how many steps does v remember the strong gradient "
            "at beta2 0.999?",
            "mean gradient below 0.2": "The mean gradient is (strong + 1) / every - 1, and "
            "below 0.2 "
            "there: make the strong gradient stronger.",
            "too rare": "At most every 3,000th step, please: fewer are enough.",
            "no such pair": "Two numbers, please: the strong gradient, and every how many steps it "
            "comes.",
        },
        hint="my_gradients is the strong gradient and every how many steps it comes, as in 75, 50.",
    ),
}
