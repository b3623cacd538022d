"""Cases of one object, of posted prices and of two who divide a pie."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from negotiate.protocols.clearing import (
    clocks,
    english,
    posted,
    proposals,
    scoring,
    sealed,
    splits,
)
from negotiate.protocols.clearing.fields import (
    Bid,
    Count,
    Money,
    Name,
    Number,
    Params,
    Part,
    Plain,
    Positive,
    Rule,
    Signed,
    pairs,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MOST_PERIODS = 10_000
_MOST_DIGITS = 4_200  # more and the exact share is no longer printable


class Amounts(Bid):
    """A bid of one amount."""

    amount: Money


class Sealed(Params):
    """Sealed bids, to sell or to buy."""

    side: Literal["forward", "reverse"] = "forward"
    reserve: Money | None = None


class AllPay(Params):
    """All-pay is for selling only."""

    reserve: Money | None = None


class Dutch(Params):
    """A falling clock."""

    start: Money
    decrement: Positive
    floor: Money = 0


class Acceptance(Bid):
    """The highest clock price that a bidder accepts."""

    accept_at: Money


class Japanese(Params):
    """A rising clock."""

    start: Money = 0
    increment: Positive
    rule: Literal["clock", "last_common"] = "clock"


class Limit(Bid):
    """The highest clock price at which a bidder stays."""

    limit: Money


class English(Params):
    """An open outcry."""

    start: Money = 0
    increment: Positive
    reserve: Money | None = None
    end: Money | None = None
    soft_window: Money | None = None
    extension: Money = 0
    quiet: Positive | None = None


class Call(Bid):
    """A call in an open outcry."""

    amount: Money
    time: Money = 0


class Proxy(Params):
    """Secret maxima."""

    start: Money = 0
    increment: Positive
    reserve: Money | None = None


class Maximum(Bid):
    """A secret maximum."""

    max: Money


class Posted(Params):
    """A price and a stock."""

    price: Money
    units: Count


class Value(Bid):
    """What it is worth to a buyer."""

    value: Money


class Drawn(Bid):
    """A value known to be uniform between two bounds."""

    value: Money
    lo: Money = 0
    hi: Money

    @model_validator(mode="after")
    def _inside(self) -> Drawn:
        if not self.lo <= self.value <= self.hi:
            raise refuse("value", "the value is not between lo and hi", "out-of-range")
        return self


class Project(Params):
    """A public project."""

    cost: Money = 0
    share: Literal["none", "equal"] = "none"


class Vote(Bid):
    """What the project is worth to one; negative for harm."""

    value: Signed


class Scoring(Params):
    """Weights of the attributes, and which score pays."""

    weights: dict[Name, Signed]
    rule: Literal["first_score", "second_score"] = "first_score"
    min_score: Signed | None = None


class Tender(Bid):
    """A price and attributes."""

    price: Money
    attributes: dict[Name, Signed]


class CallForProposals(Params):
    """A call for proposals."""

    deadline: Money | None = None
    max_price: Money | None = None


class Reply(Part):
    """An answer to a call for proposals."""

    sender: Name = Field(alias="from")
    type: Literal["propose", "refuse", "not-understood"]
    price: Money | None = None
    time: Money = 0

    @model_validator(mode="after")
    def _priced(self) -> Reply:
        if self.type == "propose" and self.price is None:
            raise refuse("price", "a proposal needs a price", "missing")
        return self


class Discounts(Params):
    """Two discount factors."""

    d1: Annotated[Number, Field(ge=0, le=1)]
    d2: Annotated[Number, Field(ge=0, le=1)]


class Endless(Discounts):
    """Two discount factors, not both 1."""

    @model_validator(mode="after")
    def _impatient(self) -> Endless:
        if self.d1 == self.d2 == 1:
            raise refuse("d1", "one of d1 and d2 must be below 1", "out-of-range")
        return self


class Finite(Discounts):
    """Two discount factors and a number of periods."""

    periods: Annotated[int, Field(ge=1, le=MOST_PERIODS)]

    @model_validator(mode="after")
    def _printable(self) -> Finite:
        digits = max(len(str(self.d1.denominator)), len(str(self.d2.denominator))) - 1
        if digits * self.periods > _MOST_DIGITS:
            raise refuse(
                "periods",
                "the exact share has more digits than can be shown; use fewer periods",
                "too-long",
            )
        return self


class Pie(Params):
    """A pie, and what each gets without agreement."""

    pie: Money
    d1: Money = 0
    d2: Money = 0


class NoBids(Part):
    """These cases have no bids."""


def _sale(found: sealed.Sale | None) -> Plain:
    return {"winner": None} if found is None else {"winner": found.winner, "price": found.price}


def _sealed(
    rule: Callable[..., sealed.Sale | None],
) -> Callable[[Sealed, Sequence[Amounts]], Plain]:
    def run(params: Sealed, bids: Sequence[Amounts]) -> Plain:
        return _sale(rule(pairs(bids), params.reserve, reverse=params.side == "reverse"))

    return run


def _all_pay(params: AllPay, bids: Sequence[Amounts]) -> Plain:
    winner, payments = sealed.all_pay(pairs(bids), params.reserve)
    return {"winner": winner, "payments": payments}


def _dutch(params: Dutch, bids: Sequence[Acceptance]) -> Plain:
    found = clocks.dutch(pairs(bids, "accept_at"), params.start, params.decrement, params.floor)
    return {"winner": None} if found is None else dict(found._asdict())


def _japanese(params: Japanese, bids: Sequence[Limit]) -> Plain:
    limits = pairs(bids, "limit")
    return _sale(clocks.japanese(limits, params.start, params.increment, params.rule))


def _english(params: English, bids: Sequence[Call]) -> Plain:
    for place, (one, other) in enumerate(pairwise(bids)):
        if other.time < one.time:
            raise refuse(f"bids[{place + 1}].time", "times of bids may not run back", "clock")
    rules = english.Outcry(
        start=params.start,
        increment=params.increment,
        reserve=params.reserve,
        end=params.end,
        window=params.soft_window,
        extension=params.extension,
        quiet=params.quiet,
    )
    calls = (english.TimedBid(bid.bidder, bid.amount, bid.time) for bid in bids)
    found = english.open_outcry(calls, rules)
    close: Plain = {} if found.close is None else {"close_time": found.close}
    return {"accepted": list(found.accepted), **_sale(found.sale), **close}


def _proxy(params: Proxy, bids: Sequence[Maximum]) -> Plain:
    maxima = pairs(bids, "max")
    return _sale(english.proxy(maxima, params.start, params.increment, params.reserve))


def _posted(params: Posted, bids: Sequence[Value]) -> Plain:
    buyers = posted.posted_price(pairs(bids, "value"), params.price, params.units)
    return {"buyers": buyers, "revenue": params.price * len(buyers)}


def _myerson(params: Params, bids: Sequence[Drawn]) -> Plain:
    drawn = [posted.Uniform(bid.bidder, bid.value, bid.lo, bid.hi) for bid in bids]
    found = posted.myerson_optimal(drawn)
    if found is None:
        return {"winner": None}
    return {**_sale(found), "virtual_values": {bid.bidder: bid.virtual for bid in drawn}}


def _project(params: Project, bids: Sequence[Vote]) -> Plain:
    found = posted.public_project(pairs(bids, "value"), params.cost, params.share)
    return {"build": found.build, "clarke_tax": found.tax}


def _scoring(params: Scoring, bids: Sequence[Tender]) -> Plain:
    for place, bid in enumerate(bids):
        if set(bid.attributes) != set(params.weights):
            raise refuse(
                f"bids[{place}].attributes",
                f"an offer gives exactly the weighted attributes: {', '.join(params.weights)}",
                "attributes",
            )
    offers = [scoring.Tender(bid.bidder, bid.price, bid.attributes) for bid in bids]
    found = scoring.scoring_auction(offers, params.weights, params.rule, params.min_score)
    return {"winner": None} if found is None else dict(found._asdict())


def _contract_net(params: CallForProposals, bids: Sequence[Reply]) -> Plain:
    answers = (proposals.Answer(b.sender, b.type, b.price, b.time) for b in bids)
    found = proposals.contract_net(answers, params.deadline, params.max_price)
    ignored = [list(entry) for entry in found.ignored]
    return {"accept": found.accept, "reject": found.reject, "ignored": ignored}


def _rubinstein(params: Endless, bids: Sequence[NoBids]) -> Plain:
    share = splits.rubinstein(params.d1, params.d2)
    return {"share_first_mover": share, "share_second": 1 - share}


def _rubinstein_finite(params: Finite, bids: Sequence[NoBids]) -> Plain:
    return {"share_first_mover": splits.rubinstein_finite(params.d1, params.d2, params.periods)}


def _nash(params: Pie, bids: Sequence[NoBids]) -> Plain:
    first, second = splits.nash_split(params.pie, params.d1, params.d2)
    return {"u1": first, "u2": second}


RULES: dict[str, Rule] = {
    "first_price_sealed_bid": Rule(Sealed, Amounts, _sealed(sealed.first_price)),
    "second_price_sealed_bid": Rule(Sealed, Amounts, _sealed(sealed.second_price)),
    "third_price_sealed_bid": Rule(Sealed, Amounts, _sealed(sealed.third_price)),
    "all_pay": Rule(AllPay, Amounts, _all_pay),
    "dutch": Rule(Dutch, Acceptance, _dutch),
    "japanese": Rule(Japanese, Limit, _japanese),
    "english_open": Rule(English, Call, _english, once=""),
    "english_proxy": Rule(Proxy, Maximum, _proxy, once=""),
    "posted_price": Rule(Posted, Value, _posted),
    "myerson_optimal": Rule(Params, Drawn, _myerson),
    "public_project": Rule(Project, Vote, _project),
    "scoring_auction": Rule(Scoring, Tender, _scoring),
    "contract_net": Rule(CallForProposals, Reply, _contract_net, once=""),
    "rubinstein": Rule(Endless, NoBids, _rubinstein, once=""),
    "rubinstein_finite": Rule(Finite, NoBids, _rubinstein_finite, once=""),
    "nash_split": Rule(Pie, NoBids, _nash, once=""),
}
