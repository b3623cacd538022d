"""Cases with two sides: double auctions, the call of an exchange, and the continuous book."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, model_validator

from negotiate.protocols.clearing import exchange, uncross
from negotiate.protocols.clearing.book import Book, Life, SelfTrade
from negotiate.protocols.clearing.fields import (
    Bid,
    Count,
    Money,
    Name,
    Number,
    Params,
    Part,
    Plain,
    Rule,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.protocols.clearing.book import Side


class KDouble(Params):
    """Where in the interval the price is."""

    k: Annotated[Number, Field(ge=0, le=1)] = Fraction(1, 2)


class Quote(Bid):
    """A bid or an ask for one unit."""

    side: Literal["buy", "sell"]
    amount: Money


class Call(Params):
    """The reference price, if there is one."""

    reference_price: Money | None = None


class CallOrder(Part):
    """An order for the call; without a price, a market order."""

    id: Name
    side: Literal["buy", "sell"]
    price: Money | None = None
    qty: Count
    bidder: Name | None = None


class Continuous(Params):
    """What happens when a bidder meets itself."""

    self_trade: SelfTrade = "allow"


class Event(Part):
    """An order, or the cancellation of one."""

    id: Name
    type: Literal["limit", "market", "cancel"] = "limit"
    bidder: Name | None = None
    side: Literal["buy", "sell"] | None = None
    price: Money | None = None
    qty: Count | None = None
    tif: Life = "GTC"

    @model_validator(mode="after")
    def _whole(self) -> Event:
        if self.type == "cancel":
            return self
        needed = ("side", "qty", "price") if self.type == "limit" else ("side", "qty")
        for field in needed:
            if getattr(self, field) is None:
                raise refuse(field, f"a {self.type} order needs {field}", "missing")
        if self.type == "market" and self.price is not None:
            raise refuse("price", "a market order has no price", "unknown-field")
        return self


def _sides(bids: Sequence[Quote]) -> exchange.Sides:
    return exchange.Sides.of(
        [(bid.bidder, bid.amount) for bid in bids if bid.side == "buy"],
        [(bid.bidder, bid.amount) for bid in bids if bid.side == "sell"],
    )


def _k_double(params: KDouble, bids: Sequence[Quote]) -> Plain:
    sides = _sides(bids)
    found = exchange.k_double_auction(sides, params.k)
    if found is None:
        return {"trades": 0}
    return {
        "trades": len(found.buyers),
        "price_interval": list(sides.interval),
        "price": found.buyer_price,
        "buyers": found.buyers,
        "sellers": found.sellers,
    }


def _two_prices(
    rule: Callable[[exchange.Sides], exchange.Exchanged | None],
) -> Callable[[Params, Sequence[Quote]], Plain]:
    def run(params: Params, bids: Sequence[Quote]) -> Plain:
        return _exchanged(rule(_sides(bids)))

    return run


def _sbba(params: Params, bids: Sequence[Quote]) -> Plain:
    return _exchanged(exchange.sbba(_sides(bids), params.seed))


def _exchanged(found: exchange.Exchanged | None) -> Plain:
    if found is None:
        return {"trades": 0}
    return {
        "trades": len(found.buyers),
        "buyer_price": found.buyer_price,
        "seller_price": found.seller_price,
        "surplus": found.surplus,
        "buyers": found.buyers,
        "sellers": found.sellers,
    }


def _vcg(params: Params, bids: Sequence[Quote]) -> Plain:
    found = exchange.vcg_double_auction(_sides(bids))
    if found is None:
        return {"trades": 0}
    return {
        "trades": len(found.buyers),
        "buyer_price": found.buyer_price,
        "seller_price": found.seller_price,
        "deficit": -found.surplus,
    }


def _uncross(params: Call, bids: Sequence[CallOrder]) -> Plain:
    orders = [uncross.Order(bid.id, bid.side, bid.price, bid.qty) for bid in bids]
    found = uncross.uncross(orders, params.reference_price)
    if found is None:
        return {"volume": 0}
    return {
        "price": found.price,
        "volume": found.volume,
        "imbalance": found.imbalance,
        "fills": found.fills,
    }


def _cda(params: Continuous, bids: Sequence[Event]) -> Plain:
    book = Book(params.self_trade)
    trades: list[Plain] = []
    for place, event in enumerate(bids):
        trades.extend(_apply(book, event, f"bids[{place}].id"))
    return {"trades": trades, "book": {"buy": _half(book, "buy"), "sell": _half(book, "sell")}}


def _apply(book: Book, event: Event, place: str) -> list[Plain]:
    known = book.known(event.id)
    if event.type == "cancel":
        if not known:
            raise refuse(place, f"no order {event.id!r} came before", "unknown-order")
        book.cancel(event.id)
        return []
    if known:
        raise refuse(place, f"order id {event.id!r} was used before", "duplicate")
    bidder = event.bidder or f"\0{event.id}"  # nobody's order is its own bidder's
    side, qty = cast("Side", event.side), cast("int", event.qty)  # every order has both
    made = book.submit(event.id, bidder, side, event.price, qty, event.tif)
    return [dict(trade._asdict()) for trade in made]


def _half(book: Book, side: Literal["buy", "sell"]) -> list[list[object]]:
    # Prices as fractions, so that they are shown as amounts and quantities are not.
    return [[order.id, Fraction(order.price), order.qty] for order in book.orders(side)]


RULES: dict[str, Rule] = {
    "k_double_auction": Rule(KDouble, Quote, _k_double),
    "mcafee": Rule(Params, Quote, _two_prices(exchange.mcafee)),
    "trade_reduction": Rule(Params, Quote, _two_prices(exchange.trade_reduction)),
    "sbba": Rule(Params, Quote, _sbba),
    "vcg_double_auction": Rule(Params, Quote, _vcg),
    "call_auction_uncross": Rule(Call, CallOrder, _uncross, once="id"),
    "cda": Rule(Continuous, Event, _cda, once=""),
}
