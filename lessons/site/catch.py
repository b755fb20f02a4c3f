"""What a notebook shows while the site runs it: pictures with their recordings, live predictions.

`catch` runs in the notebook's kernel, in a cell before the first. From then on a Stage that a cell
shows is recorded, and it and each prediction become HTML that live.js brings to life.
"""
import hashlib
import html
import json
import re
import shutil
import time
from pathlib import Path

from IPython import get_ipython

from lessons.check.predict import Card, Guess
from lessons.site.takes import Recording
from lessons.stage import Stage


def catch(name, folder):
    """Have what cells show written for a page called `name`, with its files in `folder`/`name`."""
    place = Path(folder) / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    numbers = {}        # what was shown -> its number on the page
    number = lambda thing: numbers.setdefault(id(thing), len(numbers) + 1)   # noqa: E731
    kept = []           # so that no other thing gets the id of one that is gone

    def stage(shown):
        kept.append(shown)
        data, about = shown._repr_mimebundle_()
        return {"text/plain": data["text/plain"],
                "text/html": picture(shown, data["image/png"], about["image/png"]["alt"],
                                     place, number(shown))}

    def card(shown):
        kept.append(shown)
        return {"text/plain": shown.text, "text/html": prediction(shown, number)}

    formatter = get_ipython().display_formatter.mimebundle_formatter
    formatter.for_type(Stage, stage)
    formatter.for_type(Guess, card)
    formatter.for_type(Card, card)


def picture(stage, png, alt, place, number, **limits):
    """Write a Stage's still and its recording to the folder `place`; returns the HTML of both.

    limits: of the recording, see Recording.
    """
    began = time.process_time()
    width, height = (int.from_bytes(png[at:at + 4], "big") for at in (16, 20))
    recording = Recording(stage, **limits)
    names = [f"{hashlib.sha256(picture).hexdigest()[:16]}.png" for picture in recording.pictures]
    for name, picture in zip(names, recording.pictures):
        (place / name).write_bytes(picture)
    (place / f"{number}.png").write_bytes(png)
    own, pictures = f"{place.name}/{number}", [f"live/{place.name}/{name}" for name in names]
    light, dark = ({pictures[look[theme]] for _, _, look in recording.takes} for theme in (0, 1))
    (place / f"{number}.js").write_text(recording.script(own, pictures), encoding="utf-8")
    (place / f"{number}.json").write_text(json.dumps(dict(
        title=stage.title, takes=len(recording.takes), states=len(recording.states),
        left_out=recording.left_out, seconds=time.process_time() - began)))
    return (f'<figure class="live" data-stage="{own}" data-script="live/{own}.js" '
            f'data-light="{" ".join(sorted(light))}" data-dark="{" ".join(sorted(dark))}">'
            f'<img src="live/{own}.png" width="{width}" height="{height}" loading="lazy" '
            f'alt="{html.escape(alt)}"></figure>')


def prediction(shown, number):
    """The HTML of a question, of its answer or of the score."""
    if isinstance(shown, Guess):
        return f'<div class="predict" data-guess="{number(shown)}">{shown.page}</div>'
    numbers = " ".join(str(number(guess)) for guess in shown.guesses)
    if shown.answer is None:
        return f'<div class="score" data-guesses="{numbers}">{shown.page}</div>'
    truth = re.sub(r"^Answer: ", "", shown.text)
    return (f'<div class="answer" data-guess="{numbers}" data-answer="{html.escape(shown.answer)}" '
            f'data-truth="{html.escape(truth)}">{shown.page}</div>')
