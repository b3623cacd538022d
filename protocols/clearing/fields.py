"""The fields of a case: what params and bids may hold, checked strictly, with errors that teach.

Each protocol of ``nego clear`` has a model of its params, a model of a bid and a function from the two to the
result; a :class:`Rule` holds the three. The tables of rules stand in ``case_single``, ``case_many`` and
``case_market``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from negotiate.protocols.clearing.amounts import Amount, Forms, NotAnAmountError, exact
from negotiate.protocols.clearing.ties import Ties
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Plain: TypeAlias = dict[str, Any]
"""A result as JSON holds it; amounts still to be shown."""


def _signed(value: object, info: ValidationInfo) -> Amount:
    forms = info.context
    try:
        return forms.read(value) if isinstance(forms, Forms) else exact(value)
    except NotAnAmountError as error:
        raise _custom(error.code, str(error)) from None


def _not_negative(value: object, info: ValidationInfo) -> Amount:
    number = _signed(value, info)
    if number < 0:
        raise _custom("negative", f"{quote(value)} is negative; 0 or more is expected")
    return number


def _positive(value: object, info: ValidationInfo) -> Amount:
    number = _signed(value, info)
    if number <= 0:
        raise _custom("not-positive", f"{quote(value)} is not above 0, as it must be")
    return number


def _number(value: object, info: ValidationInfo) -> Amount:
    """A number that is not money; a float stands for the decimal that it prints as."""
    try:
        return exact(str(value) if isinstance(value, float) else value)
    except NotAnAmountError as error:
        raise _custom(error.code, str(error)) from None


def _custom(code: str, message: str) -> PydanticCustomError:
    # Braces in foreign text would be read as fields of a template; so the text is such a field itself.
    return PydanticCustomError(cast("Any", code), "{text}", {"text": message})


Signed = Annotated[Amount, PlainValidator(_signed)]
Money = Annotated[Amount, PlainValidator(_not_negative)]
Positive = Annotated[Amount, PlainValidator(_positive)]
Number = Annotated[Amount, PlainValidator(_number)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^\P{Cc}*$")]
Count = Annotated[int, Field(ge=1, le=10**12)]


class Part(BaseModel):
    """Base of all models here: strict, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Params(Part):
    """What every protocol takes.

    Attributes:
        ties: who wins ties.
        seed: of the draw, for random ties.
    """

    ties: Ties = "earliest"
    seed: int | str = 0


class Bid(Part):
    """Base of bids by one bidder."""

    bidder: Name


@dataclass(frozen=True)
class Rule:
    """How one protocol clears.

    Attributes:
        params: model of the params.
        bid: model of one bid.
        run: from both to the result.
        once: the field in which no two bids may agree; empty where a bidder may come again.
    """

    params: type[Params]
    bid: type[Part]
    run: Callable[[Any, Sequence[Any]], Plain]
    once: str = "bidder"


def pairs(bids: Sequence[Any], field: str = "amount") -> list[tuple[str, Amount]]:
    """Bidder and amount of each bid."""
    return [(bid.bidder, getattr(bid, field)) for bid in bids]


def refuse(place: str, message: str, code: str) -> PydanticCustomError:
    """An error of a rule that concerns several fields; ``place`` is where it is."""
    return PydanticCustomError(cast("Any", code), "{text}", {"text": message, "place": place})
