"""A private limit gets out by :meth:`reveal` and in no other way."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from string import Template
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import to_json, to_jsonable_python

from negotiate.domain import LinearAdditive, Table
from negotiate.errors import LocalError
from negotiate.wire import codec
from negotiate.wire.agent import Desk
from negotiate.wire.private import Private
from tests.wire.kit import DOMAIN, msgpack, named, reached, trust

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = 987_654_321
HIDDEN = Private(NUMBER)


@dataclass
class Holder:
    """A dataclass of somebody who does not think of it."""

    limit: Any
    name: str = "x"


class Model(BaseModel):
    """A model of somebody who does not think of it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    limit: Private[int]


REFUSED: dict[str, Callable[[], object]] = {
    "pickle": lambda: pickle.dumps(HIDDEN),
    "pickle in a list": lambda: pickle.dumps([1, HIDDEN]),
    **{f"pickle {n}": lambda n=n: pickle.dumps(HIDDEN, n) for n in range(6)},  # type: ignore[misc]
    "copy": lambda: copy.copy(HIDDEN),
    "deepcopy": lambda: copy.deepcopy({"limit": HIDDEN}),
    "asdict": lambda: dataclasses.asdict(Holder(HIDDEN)),
    "astuple": lambda: dataclasses.astuple(Holder(HIDDEN)),
    "json": lambda: json.dumps({"limit": HIDDEN}),
    "json by its attributes": lambda: json.dumps(HIDDEN, default=vars),
    "msgpack": lambda: msgpack.packb(HIDDEN),
    "msgpack by its attributes": lambda: msgpack.packb(HIDDEN, default=vars),
    "the wire": lambda: codec.encode({"limit": HIDDEN}),  # type: ignore[dict-item]
    "pydantic": lambda: to_json({"limit": HIDDEN}),
    "a model as JSON": lambda: Model(limit=HIDDEN).model_dump_json(),
    "any type as JSON": lambda: TypeAdapter(Any).dump_json(HIDDEN),
    "a loop": lambda: list(HIDDEN),  # type: ignore[call-overload]
    "vars": lambda: vars(HIDDEN),
    "a number": lambda: int(HIDDEN),  # type: ignore[call-overload]
    "a float": lambda: float(HIDDEN),  # type: ignore[arg-type]
    "%d": lambda: "%d" % HIDDEN,  # noqa: UP031
    "a sum": lambda: HIDDEN + 1,  # type: ignore[operator]
    "a comparison": lambda: HIDDEN < 1,  # type: ignore[operator]
    "a length": lambda: len(HIDDEN),  # type: ignore[arg-type]
    "a place": lambda: HIDDEN[0],  # type: ignore[index]
    "a name of one's own": lambda: setattr(HIDDEN, "shown", NUMBER),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_would_let_it_out_is_refused_and_says_nothing(how: str) -> None:
    with pytest.raises((LocalError, TypeError, AttributeError, ValueError)) as caught:
        REFUSED[how]()
    assert str(NUMBER) not in "".join(traceback.format_exception(caught.value))


TOLD: dict[str, Callable[[], str]] = {
    "repr": lambda: repr(HIDDEN), "str": lambda: str(HIDDEN), "an f-string": lambda: f"{HIDDEN} {HIDDEN!r} {HIDDEN:>9}",
    "a format for numbers": lambda: f"{HIDDEN:.2f} {HIDDEN:d}", "format": lambda: f"{HIDDEN} {HIDDEN}",
    "%s": lambda: "%s %r %a" % (HIDDEN, HIDDEN, HIDDEN),  # noqa: UP031
    "a template": lambda: Template("$x").substitute(x=HIDDEN), "pprint": lambda: pprint.pformat({"a": [HIDDEN]}),
    "print": lambda: printed(HIDDEN), "a list": lambda: str([HIDDEN, (HIDDEN,), {1: HIDDEN}]),
    "a dataclass": lambda: repr(Holder(HIDDEN)), "a model": lambda: repr(Model(limit=HIDDEN)),
    "a model as Python": lambda: str(Model(limit=HIDDEN).model_dump()),
    "an exception": lambda: str(ValueError("limit", HIDDEN)),
    "JSON with a default": lambda: json.dumps(HIDDEN, default=str),
    "pydantic with unknown types": lambda: str(to_jsonable_python(HIDDEN, serialize_unknown=True)),
    "a desk": lambda: repr(Desk(Private(NUMBER), trust(), named("Weber"), reached("Weber"))),  # type: ignore[arg-type]
}  # fmt: skip


def printed(value: object) -> str:
    text = StringIO()
    print(value, file=text)
    return text.getvalue()


@pytest.mark.parametrize("how", TOLD)
def test_what_may_be_told_tells_that_it_is_private(how: str) -> None:
    text = TOLD[how]()
    assert str(NUMBER) not in text
    assert f"{NUMBER:_}" not in text
    assert "private" in text or how in ("an exception", "a desk")


def test_a_log_and_a_traceback_with_its_variables_say_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def careless(limit: Private[int]) -> None:
        nested = {"limit": limit, "all": [limit]}
        raise RuntimeError("it went wrong", limit, nested)

    caplog.set_level(logging.DEBUG)
    text = ""
    try:
        careless(HIDDEN)
    except RuntimeError as error:
        logging.getLogger("any").exception("with %s and %r", HIDDEN, [HIDDEN])
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(told.format()) + caplog.text
    assert "<private>" in text
    assert str(NUMBER) not in text.replace("_", "")


def test_it_is_compared_by_identity_alone() -> None:
    """Whoever could compare it with a value could find it by halving."""
    assert HIDDEN != NUMBER
    assert Private(NUMBER) != Private(NUMBER)
    assert HIDDEN.reveal() == NUMBER


def test_preferences_do_not_print_their_numbers_either() -> None:
    """A strategy is given them as they are, and may be careless."""
    own = LinearAdditive(
        DOMAIN,
        {"colour": (0.987654321, Table((Fraction(1, 10), Fraction(1, 5), Fraction(1))))},
        reservation=0.1234567891,
    )
    for text in (repr(own), str(own), f"{own}", repr([own]), pprint.pformat(own)):
        for secret in ("987654321", "1234567891", "12345678"):
            assert secret not in text
