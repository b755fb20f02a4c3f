"""A verdict needs three disjoint sets of seeds, a margin, and a best value inside its grid."""

from dataclasses import replace
from functools import partial

import pytest

from lessons.experiments import Claims, judge, known
from lessons.experiments.claims import VERDICTS, answered
from lessons.experiments.protocol import seed_sets

ruled = partial(judge, "A is below B.", told="A {lower}; B {higher}", budget="60 steps",
                criterion="last loss", referee="worst", seeds=seed_sets())


@pytest.mark.parametrize(("lower", "higher", "more", "verdict"), [
    ([1, 2, 3], [2, 3, 4], {}, "SUPPORTED"),
    ([1, 2, 3], [2, 3, 4], {"limits": "toys"}, "SUPPORTED WITHIN LIMITS"),
    ([1, 2, 3], [2, 3, 3], {}, "TIE"),
    ([1, 2, 3], [2, 1, 4], {}, "TIE"),
    ([1, 2, 3], [2, 3, 4], {"margin": 1.4}, "TIE"),
    ([1, 2, 3], [2, 3, 4], {"luck": 1.5}, "TIE"),
    ([2, 3, 4], [1, 2, 3], {}, "NOT SUPPORTED HERE"),
    ([2, 3, 4], [1, 2, 3], {"limits": "toys"}, "NOT SUPPORTED HERE"),
    ([2, 3, 4], [1, 2, 3], {"margin": 1.4}, "TIE"),
    ([1, 2, 3], [2, 3, 4], {"at_edge": [False, True, False]}, "NOT TESTABLE HERE"),
    ([0, 0, 0], 1, {}, "SUPPORTED"),
    ([88, 88, 91], [float("inf")] * 3, {}, "SUPPORTED"),
    ([float("inf")] * 3, [float("inf")] * 3, {}, "TIE"),
    ([-3, -2, -1], 0, {"luck": 0.5}, "SUPPORTED"),
])
def test_verdicts(lower, higher, more, verdict):
    assert ruled(lower, higher, **more).verdict == verdict
    assert verdict in VERDICTS


@pytest.mark.parametrize("numbers", [[1, 2], [1, 2, 3, 4], [[1, 2, 3]], [1, 2, float("nan")]])
def test_one_set_of_seeds_is_no_verdict(numbers):
    with pytest.raises(ValueError, match="three disjoint sets of seeds"):
        ruled(numbers, 1)


@pytest.mark.parametrize("seeds", [
    [range(3)] * 3, [range(3), range(2, 5), range(9, 12)], [range(3), range(3, 6)]])
def test_sets_that_share_a_seed_are_refused(seeds):
    with pytest.raises(ValueError, match="three sets that share no seed"):
        ruled([1, 2, 3], 4, seeds=seeds)


def test_a_claim_says_its_numbers_its_limits_and_how_it_was_measured():
    said = repr(ruled([1.2345, 2, 3], [4, 4567, 8e6], limits="two dimensions"))
    assert said == ("SUPPORTED WITHIN LIMITS  A is below B.  (A 1.23, 2, 3; B 4, 4,570, 8e+06; "
                    "two dimensions; 60 steps, last loss, worst)")
    assert "best value on the edge of its grid; " in repr(ruled([1, 2, 3], 4, at_edge=True))


def test_a_theorem_has_no_verdict_of_ours():
    assert known("It converges.", "proved", "below 2/L").verdict == "PROVED"
    assert known("Networks too.", "cited", "Cohen et al. 2021").verdict == "CITED"
    with pytest.raises(ValueError, match="'proved' or 'cited'"):
        known("It is quick.", "measured", "88")


@pytest.mark.parametrize(("higher", "says"), [(4, "yes"), (2, "undecided"), (0, "no")])
def test_a_question_is_answered_by_its_verdict(higher, says):
    asked = answered(ruled([1, 2, 3], higher, told="so many steps"))
    assert asked.verdict == ruled([1, 2, 3], higher).verdict
    assert asked.numbers == f"{says}: so many steps"
    lesson = Claims(replace(asked, claim="Is it?"))._repr_html_()
    assert "<th>question</th>" in lesson and "<th>answer</th>" in lesson


def test_the_claims_of_a_lesson_are_a_table_and_lines():
    lesson = Claims(ruled([1, 2, 3], 4), known("It converges.", "proved", "below 2/L",
                                               where="How far is < too far?"))
    assert lesson.table["kind"].tolist() == ["measured", "proved"]
    assert list(lesson.table)[:3] == ["claim", "kind", "verdict"]
    assert repr(lesson).splitlines()[1] == "PROVED  It converges.  (below 2/L)"
    first, second = lesson._repr_html_().split("<tr>")[2:]
    assert "<td>measured: supported</td><td>A 1, 2, 3; B 4<br><small>60 steps, last" in first
    assert "<td>It converges.</td><td>proved</td><td>below 2/L</td><td></td>" in second
    assert '<a href="#How-far-is-&lt;-too-far?">How far is &lt; too far?</a>' in second
