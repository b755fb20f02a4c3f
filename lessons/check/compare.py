"""Compare a learner's step with the reference: where and by how much it parts, and why."""

from itertools import groupby

from lessons.check.diagnosis import states, why
from lessons.check.formatting import code, times
from lessons.check.sandbox import Advice, check_signature, explained, guarded, unfinished
from lessons.check.trials import STEPS, Pair, is_blockwise, trials, walk
from lessons.signature import name_of, signature_of
from lessons.steps.kronecker import blockwise


def compare_steps(mine, reference, hint):
    """Say in what the two steps agree; raise Advice where they do not."""
    if not callable(mine):
        raise Advice("This is a value; the function itself is wanted, without brackets.")
    trials(reference)  # an error in there would not be the learner's
    try:
        check_signature(mine, reference)
        safe = guarded(mine)
        for_one = is_blockwise(reference) and not is_blockwise(mine)  # a rule for one matrix
        step = blockwise(safe) if for_one else safe
        pairs, elsewhere = side_by_side(step, reference, for_one)
    except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
        raise unfinished(mine) or explained(error, mine) from None
    if any(pair.first() for pair in pairs):
        raise unfinished(mine) or parted(pairs, elsewhere, step, reference, hint)
    where = f"{STEPS} steps on {len({pair.trial.surface.name for pair in pairs})} surfaces"
    walked = f"the same as {name_of(reference)} over {where}, up to rounding"
    also = ["elsewhere it stops or walks otherwise, as a rule for one matrix may"]
    said = [walked, *also[: len(elsewhere)], *remarks(pairs[0], mine, reference)]
    return f"Yes: {'; '.join(said)}."


def side_by_side(step, reference, for_one):
    """(pairs of walks, {surface: pair or None} where a rule for one matrix may part or stop).

    First with the usual knobs; where those show nothing clearly, with one knob turned at a time.
    """
    pairs, elsewhere = [], {}
    for _, group in groupby(trials(reference), lambda trial: trial.turned):
        for trial in group:
            try:
                if trial.surface.name not in elsewhere:
                    pair = Pair(trial, walk(step, trial), trial.ours)
                    if for_one and pair.first() and not is_matrix(trial.surface):
                        elsewhere[trial.surface.name] = pair
                    else:
                        pairs.append(pair)
            except Exception as error:
                if isinstance(error, Advice) or not may_stop(trial.surface, reference):
                    raise
                elsewhere[trial.surface.name] = None
        if any(pair.first() and pair.clear() for pair in pairs):
            break
    return pairs, elsewhere


def may_stop(surface, reference):
    """Whether the reference is about matrices, and theta is none here."""
    about_matrices = all(trial.surface.shape for trial in trials(reference))
    return (about_matrices or is_blockwise(reference)) and not is_matrix(surface)


def is_matrix(surface):
    """Whether theta is one matrix there."""
    return bool(surface.shape) and not isinstance(surface.shape[0], tuple)


def remarks(pair, mine, reference):
    """What a learner may like to know of a step that is right."""
    (_, own), (_, usual) = map(signature_of, (mine, reference))
    for name in [name for name in usual if own.get(name, usual[name]) != usual[name]]:
        yield f"its usual {code(name)} is {own[name]}, there {usual[name]}"
    asked, enough = (run.evaluations[-1] // STEPS for run in (pair.mine, pair.ours))
    if asked > enough:
        yield f"it asks for {asked} gradients a step, where {enough} would do"
    for name, found in states(pair, STEPS, 0).items():
        if found != "right":
            yield f"its {code(name)} is kept in another form"


def parted(pairs, elsewhere, step, reference, hint):
    """Advice: where the walks part, by how much, and why, as far as it can be told."""
    wrong = [pair for pair in pairs if pair.first()]
    pair = next((pair for pair in wrong if pair.clear()), wrong[0])
    where = f"step {pair.first()[0]} on {pair.trial.surface.name}"
    if pair.trial.turned:
        where = f"with {pair.trial.words()}, {where}"
        if all(other.trial.turned for other in wrong):
            where = f"right with the usual knobs, but {where}"
    more = [p for p in [*wrong, *elsewhere.values()] if p and p.trial.turned == pair.trial.turned]
    mistake, reason = why(pair, pairs, more, step, reference)
    said = f"{where[0].upper()}{where[1:]}: your move is {times(*pair.moves())}."
    return Advice(f"{said} {hint or reason if mistake is None else reason}".strip(), mistake)
