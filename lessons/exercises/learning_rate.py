"""What the exercises about the learning rate expect."""


def ramp(t, total):
    """The learning rate of a range test, from 1e-5 at the first step to 10 at the last."""
    return 1e-5 * 1e6 ** ((t - 1) / (total - 1))


CLIPS, MOVES, HONEST, REMEMBERS = "clips", "moves the start", "honest", "remembers"

answers = {
    "learning_rate.1": dict(
        expected=ramp,
        hint="From t = 1, where it is 1e-5, to t = total, where it is 10, there are total - 1 "
        "steps, and each multiplies by the same factor.",
    ),
    "learning_rate.2": dict(
        expected=[CLIPS, MOVES, HONEST, REMEMBERS],
        wrong={
            (HONEST, HONEST, HONEST, HONEST): "Three of them cheat. Divide the length of each "
            "move by lr times the gradient there: gradient descent gives 1 at every step.",
            (CLIPS, HONEST, HONEST, REMEMBERS): "A and D are right. One of B and C did not begin "
            "where you told it to: look at theta[0].",
            (CLIPS, HONEST, MOVES, REMEMBERS): "A and D are right. Look at theta[0] of B and of C "
            "once more: which of them is not the start you gave?",
            (REMEMBERS, MOVES, HONEST, CLIPS): "B and C are right. A memory changes the moves "
            "from the second on; clipping shortens the first already, where it is steepest.",
            (MOVES, CLIPS, HONEST, REMEMBERS): "C and D are right. Whose first move is shorter "
            "than lr times the gradient, and who began elsewhere?",
        },
        hint="A list of four words, for A, B, C, D: measure each move's length divided by lr times "
        "the gradient there, and compare theta[0] with your start.",
    ),
    "learning_rate.3": dict(
        expected="b",
        wrong={
            "a": "600 steps bring every tuned rival here within a point. More steps would not make "
            "the comparison fair.",
            "c": "Three seeds are few, but the same for both; they would show as spread. What did "
            "one rival get, and the other not?",
        },
    ),
    "learning_rate.4": dict(
        expected="the learning rate",
        wrong={
            "the optimizer": "There a swap costs more, as in the table. Give the rivals less time "
            "to part.",
        },
        hint="my_place is a condition number from 1 to 1000 and a number of gradients from "
            "10 to 300, "
        "as in 100, 200.",
    ),
}
