"""One tree of errors: each has a code, says what to do, and travels between processes."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from negotiate import errors
from negotiate.errors import (
    DomainError,
    FormatError,
    IllegalMove,
    LocalError,
    NegotiateError,
    PeerError,
    UnknownName,
)

TREE: list[type[NegotiateError]] = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, NegotiateError)
]
each_error = pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)


@each_error
def test_an_error_has_a_code_of_its_class_unless_it_is_given_one(
    cls: type[NegotiateError],
) -> None:
    assert cls("no").code == cls.default_code
    assert cls("no", code="special").code == "special"


def test_no_two_classes_share_a_code() -> None:
    assert len({cls.default_code for cls in TREE}) == len(TREE)


@each_error
def test_every_error_says_who_is_to_blame(cls: type[NegotiateError]) -> None:
    blames = issubclass(cls, LocalError) + issubclass(cls, PeerError)
    assert blames == (0 if cls is NegotiateError else 1)


def test_the_text_ends_with_what_to_do() -> None:
    assert str(LocalError("no", help="say yes")) == "no; say yes"
    assert str(LocalError("no")) == "no"


def test_a_format_error_begins_with_file_and_place() -> None:
    error = FormatError("3 is expected", file="a.xml", place="line 3", help="write 3")
    assert str(error) == "a.xml @ line 3: 3 is expected; write 3"
    assert (error.file, error.place) == ("a.xml", "line 3")


@each_error
def test_an_error_survives_pickling(cls: type[NegotiateError]) -> None:
    error = cls("no", code="special", help="say yes")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert (str(again), again.code, again.help) == ("no; say yes", "special", "say yes")


def test_what_a_format_error_knows_survives_pickling() -> None:
    error = FormatError("no", file="a.xml", place="$.x")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(again), again.file, again.place) == ("a.xml @ $.x: no", "a.xml", "$.x")


def test_errors_are_also_what_python_calls_them() -> None:
    assert issubclass(DomainError, ValueError)
    assert issubclass(FormatError, ValueError)
    assert issubclass(UnknownName, LookupError)


def test_a_refused_move_is_the_fault_of_the_other_side() -> None:
    assert issubclass(IllegalMove, PeerError)
