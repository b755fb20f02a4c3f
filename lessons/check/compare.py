"""Compare a learner's step with the reference: where and by how much it parts, and why."""

from lessons.check.learner import Advice, check_signature, explained, guarded, unfinished
from lessons.check.walks import STEPS, Pair, trials, walk
from lessons.check.why import states, why
from lessons.check.words import code, times


def compare(mine, reference):
    """Say in what the two steps agree; raise Advice where they do not."""
    if not callable(mine):
        raise Advice("This is a value; the function itself is wanted, without brackets.")
    try:
        check_signature(mine, reference)
        walks = [(trial, walk(guarded(mine), trial)) for trial in trials(reference)]
    except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
        raise unfinished(mine) or explained(error, mine) from None
    pairs = [Pair(trial, run, walk(reference, trial)) for trial, run in walks]
    if any(pair.first() for pair in pairs):
        raise unfinished(mine) or Advice(described(pairs, mine, reference))
    walked = f"the same as {reference.__name__} over {STEPS} steps on 3 surfaces, to 1e-9"
    return "; ".join([walked, *remarks(pairs[0])])


def remarks(pair):
    """What a learner may like to know of a step that is right."""
    asked, enough = (run.evaluations[-1] // STEPS for run in (pair.mine, pair.ours))
    if asked > enough:
        yield f"it asks for {asked} slopes a step, where {enough} would do"
    for name, found in states(pair, STEPS, 0).items():
        if found != "right":
            yield f"its {code(name)} is kept in another form"


def described(pairs, mine, reference):
    """Where the walks part, by how much, and why, as far as it can be told."""
    parted = [pair for pair in pairs if pair.first()]
    pair = next((pair for pair in parted if pair.clear()), parted[0])
    where = f"step {pair.first()[0]} on {pair.trial.surface.name}"
    if pair.trial.turned:
        where = f"with {pair.trial.words()}, {where}"
        if all(other.trial.turned for other in parted):
            where = f"right with the usual knobs, but {where}"
    reason = why(pair, pairs, mine, reference)
    return f"{where[0].upper()}{where[1:]}: your move is {times(*pair.moves())}. {reason}".strip()
