"""What the exercises about schedules expect."""

from lessons.schedules import cosine, one_cycle

answers = {
    "schedules.1": dict(
        expected=cosine(0.3, warmup=5, floor=0.03),
        hint="Compare with the 25 values on the card.",
    ),
    "schedules.2": dict(
        expected=cosine(0.3, warmup=5),
        hint="Steps 1 to 5 climb by fifths of the peak, and step 6 is at the peak.",
    ),
    "schedules.3": dict(
        expected=0.0856,
        wrong={
            0.0: "That is where 400 calls lead. How many were there?",
            0.1: "It has fallen a little: 99 of 400 calls have been made.",
            0.0854: "One call too many: the first epoch comes before the first call.",
            0.05: "That is the middle, after 200 calls. How many were there?",
            0.075: "That is a straight line. Where is half a cosine after 99 of 400 calls?",
            0.0002: "That is 99 of 100 calls. The cosine is made for 400.",
        },
        hint="After n calls the rate is cosine(0.1)(n + 1, 400).",
    ),
    "schedules.4": dict(
        expected=one_cycle(0.85, start=0.95, floor=0.95),
        hint="Down from 0.95 to 0.85 first, by half a cosine, then up to 0.95 at the last step.",
    ),
    "schedules.5": dict(
        expected="b",
        wrong={
            "a": "Every story about warm-up says so, this one too. Which run takes the accused "
            "away?",
            "c": "There the norm was moved, and the correction was left as it is.",
        },
    ),
    "schedules.6": dict(
        expected="constant",
        wrong={
            "cosine": "There the cosine stays nearer. Take its advantage away: less noise, or a "
            "minimum that travels farther in 50 steps.",
            "out of range": "The period is from 10 to 10,000, the noise from 0 to 2.",
        },
        hint="my_world is a period and a noise, as in 1000, 1.0.",
    ),
}
