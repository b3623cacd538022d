"""The best offers for a modelled opponent equal a look at every outcome."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.domain import SCALE, LinearAdditive
from negotiate.domain.bargaining import Joint
from negotiate.errors import DomainError
from tests.domain.drawn import additive, large, marks_of, parties

FLOATS = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1 / 3, 1.0])


@given(parties(most=1, largest=100), st.data())
@settings(max_examples=500, deadline=None)
def test_best_at_or_above_is_best_for_the_model(
    preferences: list[LinearAdditive], data: st.DataObject
) -> None:
    (own,) = preferences
    sizes = own.domain.sizes
    model = [data.draw(st.lists(FLOATS, min_size=n, max_size=n)) for n in sizes]

    def modelled(outcome: tuple[int, ...]) -> int:
        return sum(round(t[i] * SCALE) for t, i in zip(model, outcome, strict=True))

    joint = Joint(own, model)
    for mark in marks_of(own):
        enough = [o for o in own.domain.outcomes() if own.utility(o) >= mark]
        best = min(enough, key=lambda o: (-modelled(o), -own.utility(o), o), default=None)
        assert joint.best_at_or_above(mark) == best


def test_without_a_model_the_best_is_ones_own() -> None:
    own = additive([[1, 3, 2], [5, 5]])
    assert Joint(own).best_at_or_above(2) == (1, 0)


def test_an_update_changes_the_answer_and_folds_only_when_asked() -> None:
    own = additive([[2, 1, 0], [2, 1, 0]])
    joint = Joint(own, [[0, 1, 2], [0, 0, 0]])
    assert joint.best_at_or_above(2) == (2, 0)
    joint.update([[0, 0, 0], [0, 1, 2]])
    assert joint._points is None
    assert joint.best_at_or_above(2) == (0, 2)
    assert joint.best_at_or_above(5) is None


def test_a_model_may_tie_issues_together() -> None:
    own = additive([[1, 0], [1, 0]])
    model = additive([[0, 0], [0, 0]], [((0, 1), [0, 9, 5, 7])])
    joint = Joint(own, model.tables, groups=model.groups)
    assert joint.best_at_or_above(0) == (0, 1)


def test_arrays_make_models_too() -> None:
    own, other = large(12, 10, 0.5)
    integers = Joint(own, [np.array(table) for table in other.tables])
    floats = Joint(own, [np.array(table) / SCALE for table in other.tables])
    for mark in (3e8, 6e8, 8e8):
        assert integers.best_at_or_above(mark) == floats.best_at_or_above(mark)
    assert integers.error == 0


@pytest.mark.parametrize(
    "model",
    [[[1, 2]], [[1, 2], [1, 2, 3]], [[1, 2], [float("nan"), 1.0]], [[1, 2], ["a", "b"]]],
)
def test_models_that_do_not_fit_are_refused(model: list[list[float]]) -> None:
    with pytest.raises(DomainError, match="a model"):
        Joint(additive([[1, 2], [3, 4]]), model)
