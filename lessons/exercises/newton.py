"""What the exercises about Newton's step, its repairs and its length expect."""

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
        expected=["saddle", "elsewhere"],
        wrong={
            ("saddle", "saddle"): "Both starts go to the saddle: the border lies farther out.",
            ("elsewhere", "elsewhere"): "Neither start goes to the saddle: the border lies farther "
            "in. Where the curvature changes its sign is not yet the border.",
        },
    ),
    "newton.4": dict(
        expected=[96.247, 10.334, 15.436, 44.812, 4.776, 16.859],
        rtol=1e-3,
        hint="Entries xx, xy, yy of |H| at saddle D, then at the top.",
        wrong={
            (95.807, 13.836, 12.394, 44.812, 4.776, 16.859): "Those are the sizes of the entries "
            "of H. Wanted are the sizes of its curvatures.",
            (0.969, 0.248, -0.969, -1, 0, -1): "These have curvatures 1 and -1: only the signs. "
            "What must a sign be multiplied by to give the size?",
            (95.807, 13.836, -12.394, -44.812, -4.776, -16.859): "That is H itself.",
        },
    ),
    "newton.5": dict(
        expected=[-14.135, 25.716, -45.605],
        rtol=1e-3,
        hint="The lowest curvature at saddle D, at the minimum (3, 2), and at the top.",
        wrong={
            (97.548, 82.284, -45.605): "That is the curvature of the largest size. How can the "
            "lowest be made the largest in size?",
            (97.548, 82.284, 45.605): "That is the largest size; the curvature along u is "
            "u dot H u, where u has length 1.",
            (-111.683, -56.569, -91.21): "These belong to the shifted matrix: shift back.",
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
