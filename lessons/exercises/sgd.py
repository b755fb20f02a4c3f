"""What the exercises about noise and batches expect."""

answers = {
    "sgd.1": dict(
        expected=0.08 / 9.16,
        rtol=2e-3,
        hint="Set lr 9 / (4 (2 - 4 lr)) equal to 0.01.",
        wrong={
            0.08 / 9: "That drops lr c against 2. It is 2 % too much here.",
            0.08 / 3.16: "The error's square stands in the formula: 9, not 3.",
            0.04 / 9.08: "That is the learning rate for a mean *loss* of 0.02, half of what is "
            "asked. The floor asked for is a squared distance.",
            0.02 / 9.04: "The curvature is missing in front of the bracket: c (2 - lr c).",
        },
    ),
    "sgd.2": dict(
        expected=0.125,
        wrong={
            0.25: "That is the batch alone. What does the learning rate do?",
            0.5: "That is the learning rate alone. What does the batch do?",
            8.0: "The right size, but the floor goes down.",
            0.0625: "The floor goes with the learning rate itself, not with its square.",
            2.0: "A larger batch has a smaller error: both changes lower the floor.",
        },
    ),
    "sgd.3": dict(
        expected=[2, 1.25, 2, 5],
        hint="First the steps, 1 + scale / B, then the examples, 1 + B / scale.",
        wrong={
            (2, 5, 2, 1.25): "Steps and examples have changed places.",
            (2, 1.25, 200, 500): "Those are the examples themselves, (B + scale) with one least "
            "step; what is asked is how many times the least, which is the scale.",
            (1, 0.25, 1, 1): "That holds far below the noise scale: four times the batch, a "
            "quarter of the steps. At the noise scale the 1 counts.",
        },
    ),
    "sgd.4": dict(
        expected=["exact", "9 pairs"],
        wrong={
            ("off", "9 pairs"): "The batch of all six should have their mean, 2.5. Is yours a sum?",
            ("off", "11 pairs"): "An example can be in your batch twice, so the batch of all is "
            "not exact.",
            ("exact", "1 pairs"): "Every pair is the same: the rows have to be drawn.",
            ("off", "1 pairs"): "Every pair is the same: the rows have to be drawn, from rng.",
        },
    ),
    "sgd.5": dict(
        expected=[0.5, 0.375, 0.875 / 3],
        hint="The walker stands at 0.5, 0.25 and 0.125.",
        wrong={
            (0.5, 0.25, 0.125): "That is the walker itself. What is wanted is its mean.",
            (0.5, 0.375, 0.8125 / 3): "Its gradients are read at the mean. The walker reads them "
            "where it stands.",
            (0.5, 0.375, 0.3125): "The walker starts each step from the mean. It goes on from "
            "where it was.",
            (0.75, 1.75 / 3, 1.875 / 4): "The start counts in your mean. Only the points after "
            "steps 1 to t do.",
            (0.75, 0.5, 0.3125): "That is a running average with a fixed share. The mean of t "
            "points gives the newest 1 / t.",
        },
    ),
    "sgd.6": dict(
        expected=["converges", "explodes"],
        wrong={
            ("converges", "converges"): "Both converge. Batch 64 has 64 times your learning rate; "
            "is that above 0.2?",
            ("explodes", "explodes"): "Both explode. Batch 16 has 16 times your learning rate; it "
            "must stay below 0.2.",
        },
    ),
    "sgd.7": dict(
        expected=[2, 1, 1, 1],
        hint="In this order: time, s^2, error of a batch, steps of SGD.",
        wrong={
            (1, 1, 1, 1): "An exact gradient reads every example, the copies too.",
            (2, 2, 1, 1): "s^2 is a mean over the examples. Copies do not change a mean.",
            (2, 0.5, 1, 1): "s^2 is a mean over the examples. Copies do not change a mean.",
            (2, 1, 0.5, 1): "The error depends on how many are asked, not on how many there are.",
            (2, 1, 2, 1): "The error depends on how many are asked, not on how many there are.",
            (2, 1, 1, 2): "That is an epoch. SGD's steps do not know how long an epoch is.",
            (2, 1, 1, 0.5): "An epoch has twice the steps, but a step does what it did.",
        },
    ),
    "sgd.8": dict(
        expected=(1 + 55 / 8) / (1 + 55 / 128),
        rtol=2e-2,
        hint="Divide the best lr at batch 128 by that at batch 8.",
        wrong={
            16.0: "That is the linear rule, which holds far below the noise scale.",
            4.0: "That is the square root rule. What does the formula for the best lr say?",
            (1 + 55 / 128) / (1 + 55 / 8): "The other way round: the best lr grows with the batch.",
            (1 + 128 / 55) / (1 + 8 / 55): "The noise scale is divided by the batch, not the batch "
            "by the noise scale.",
            55 / 8: "Batch 128 lies above the noise scale: its 1 counts, and so does the 55 / 128.",
        },
    ),
}
