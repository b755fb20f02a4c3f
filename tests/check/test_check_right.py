"""A right answer is never rejected, however it is written."""

import pytest
from support.mutants import VARIANTS, reference
from support.variants import first_order as variants_first
from support.variants import newcomers as variants_new  # noqa: F401  both fill VARIANTS

from lessons import steps
from lessons.check import diagnose


def name(value):
    return getattr(value, "__name__", value)


@pytest.mark.parametrize("mine, of", VARIANTS, ids=name)
def test_a_right_variant_is_accepted(mine, of):
    found = diagnose(mine, reference(of))
    assert found.ok, found.message
    assert found.mistake is None
    assert found.message.startswith(f"Yes: the same as {of} over 30 steps on ")


@pytest.mark.parametrize("name", steps.__all__)
def test_every_step_has_a_variant_and_is_its_own_equal(name):
    assert name in {of for _, of in VARIANTS}, f"add a variant of {name}: torch's form, ..."
    assert diagnose(getattr(steps, name), getattr(steps, name)).ok


def test_what_is_right_but_odd_is_remarked():
    found = diagnose(variants_first.momentum_asking_twice, steps.momentum)
    assert found.message.endswith("; it asks for 2 gradients a step, where 1 would do.")
    found = diagnose(variants_first.momentum_downhill, steps.momentum)
    assert found.message.endswith("; its `velocity` is kept in another form.")


def test_a_rule_for_one_matrix_may_stop_where_there_is_none():
    found = diagnose(variants_new.muon_for_a_matrix, reference("muon"))
    assert "; elsewhere it stops or walks otherwise, as a rule for one matrix may" in found.message
    for mine, of in [("muon_as_a_sum", "muon"), ("shampoo_with_eps_first", "shampoo")]:
        found = diagnose(getattr(variants_new, mine), reference(of))  # with and without blockwise
        assert "on 9 surfaces, up to rounding" in found.message
