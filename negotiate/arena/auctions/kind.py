"""The kind of game that auctions and markets are; :mod:`negotiate.arena.auctions` says who sits where."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from negotiate import registry
from negotiate.arena.auctions.measure import COLUMNS
from negotiate.arena.auctions.play import AuctionPlayer
from negotiate.arena.kinds import Game, Kind, class_id, no_entrant, path_or_name
from negotiate.bidder import Bidder
from negotiate.domain.markets import Market, load_market
from negotiate.errors import ArenaError
from negotiate.markets import check_fits, fitted, name_of
from negotiate.notation import notation
from negotiate.registry import BidderSpec
from negotiate.show import quote
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from negotiate.arena.player import Kit, Row
    from negotiate.notation import Parameter
    from negotiate.protocol import Protocol


class Auctions(Kind):
    """Markets, and bidders that may move at any time."""

    name: ClassVar[str] = "auctions"
    columns: ClassVar[Mapping[str, str]] = COLUMNS

    def load(self, source: object) -> Iterable[Game]:
        """A market: as it is, by bundled name, or from a file."""
        market = source if isinstance(source, Market) else load_market(path_or_name(source))
        check_fits(self.given, market)
        return (market,)

    def entrant(self, given: object) -> BidderSpec:
        """A bidder, which knows how to play this protocol if it says what it knows."""
        spec = self._spec(given)
        protocol, known = name_of(self.given), spec.cls.plays
        if known and protocol not in known:
            raise ArenaError(
                f"{quote(spec.id)} does not know how to play {protocol}; it plays {', '.join(known)}",
                code="plays",
                help="without --strategies all bidders take part that know the protocol",
            )
        return spec

    def _spec(self, given: object) -> BidderSpec:
        if isinstance(given, str):
            return registry.bidder(given)
        if isinstance(given, BidderSpec):
            return given
        name = class_id(given, Bidder)
        if name is None:
            raise no_entrant(given, "bidder", Strategy)
        spec = BidderSpec(name, cast("type[Bidder]", given))
        spec.make()
        return spec

    def seatings(
        self, game: Game, ids: Sequence[str], repetition: int, *, self_play: bool
    ) -> Iterator[tuple[str, ...]]:
        """Every ordered pair, once; each alone where the others come with the market."""
        market = _market(game)
        if market.form == "arrivals":
            yield from ((one,) for one in ids)
            return
        for field in ids:
            for one in ids:
                if one != field or self_play:
                    yield seated(market, one, field, repetition)

    def rules(self, game: Game) -> Protocol:
        """The rules with their amounts fitted to the market."""
        return fitted(self.given, _market(game))

    def about_rules(self) -> dict[str, object]:
        """The parameters that were given, for what was not is fitted to each market; and the name to type."""
        given = self.given.model_dump(mode="json", exclude_unset=True)
        typed = {key: value for key, value in given.items() if key != "name"}
        plain = all(isinstance(value, (int, str, bool)) for value in typed.values())
        name = name_of(self.given)
        known = name in registry.PROTOCOLS and plain
        text = notation(name, cast("Mapping[str, Parameter]", typed)) if known else ""
        return {"parameters": given, "name": name, "notation": text}

    def player(self, kit: Kit, game: Game, *, contained: bool = False) -> AuctionPlayer:
        """Holds auctions."""
        return AuctionPlayer(kit, _market(game), self.rules(game), contained=contained)

    def measures(self, game: Game, row: Row) -> tuple[object, ...]:
        """What was measured when it was held, since the prices of trades are not kept."""
        return row.measured

    def describe(self, game: Game, known: dict[str, object] | None) -> dict[str, object]:
        """Form, seats, bounds and rules."""
        market = _market(game)
        rules = self.rules(game)
        return {
            "name": market.name,
            "digest": market.digest,
            "title": market.title,
            "description": market.description,
            "source": market.origin,
            "form": market.form,
            "model": type(market.model).__name__,
            "seats": market.seats,
            "twins": twins_of(market),
            "bounds": list(market.bounds),
            "outside": market.outside,
            "rules": rules.model_dump(mode="json"),
        }


def seated(market: Market, one: str, field: str, repetition: int) -> tuple[str, ...]:
    """Who sits where when ``one`` comes to a ``field``, or shares a market with it."""
    if market.form != "two-sided":
        seats = [field] * market.seats
        seats[repetition % market.seats] = one
        return tuple(seats)
    if twins_of(market) % 2 == 0:
        return tuple((one, field)[n % 2] for n in range(market.seats))
    buyers = _buyers(market)
    return (one,) * buyers + (field,) * (market.seats - buyers)


def twins_of(market: Market) -> int:
    """Traders with each limit; 1 where that is of no meaning."""
    return int(getattr(market.model, "twins", 1))


def _buyers(market: Market) -> int:
    """How many seats are buyers'; they come first."""
    buyers: object = getattr(market.model, "buyers", 0)
    count = len(cast("tuple[int, ...]", buyers)) if isinstance(buyers, tuple) else buyers
    return int(cast("int", count)) * twins_of(market)


def _market(game: Game) -> Market:
    return cast("Market", game)
