"""A market: what is traded, how many come, and what it is worth to them; bundled ones, and files.

A file is TOML with ``format = "negotiate-market"``; ``docs/reference/market-format.md`` is its reference.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, is_dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

from negotiate.domain.issues import Domain, Money
from negotiate.domain.tenders import Tenders
from negotiate.errors import DomainError, UnknownName
from negotiate.show import quote

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from negotiate.domain.values import Draw, Form, Model, Streams

MOST_SEATS = 1000


@dataclass(frozen=True)
class Market:
    """What an auction or a market is held about.

    Attributes:
        name: short and unique in a tournament.
        model: what it is worth to whom.
        seats: how many parties come.
        outside: what the auctioneer's own side loses or gains by a trade: the seller's value of a lot on sale, the
            buyer's value of what is procured; of no meaning where both sides bid.
        title: in a few words.
        description: where the numbers come from.
        source: the file it was read from; empty when made in code.
    """

    name: str
    model: Model
    seats: int
    outside: int = 0
    title: str = ""
    description: str = ""
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.seats <= MOST_SEATS:
            raise DomainError(
                f"{self.seats} seats; 1 to {MOST_SEATS:,} are expected", code="seats"
            )
        if self.model.seats not in (None, self.seats):
            raise DomainError(
                f"{self.seats} seats; this model has {self.model.seats}", code="seats"
            )

    @property
    def form(self) -> Form:
        """What kind of protocol can be played on it."""
        return self.model.form

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest price that is commonly known to make sense."""
        low, high = self.model.bounds
        return min(low, self.outside), max(high, self.outside)

    @property
    def span(self) -> int:
        """The distance between the bounds: what profits are measured in, where markets are compared."""
        low, high = self.bounds
        return max(high - low, 1)

    @property
    def domain(self) -> Domain:
        """What protocols are told that it is about."""
        low, high = self.bounds
        qualities = self.model.issues if isinstance(self.model, Tenders) else ()
        price = Money("price", low, max(high, low + 1))
        return Domain((price, *qualities), self.title or self.name)

    @property
    def origin(self) -> str:
        """Where it can be loaded from: a bundled one by its name, wherever the library is installed."""
        path = Path(self.source)
        inside = path.parts[-4:-1] == ("domain", "bundled", "markets")
        return self.name if inside and self.name in bundled_markets() else self.source

    def draw(self, streams: Streams) -> Draw:
        """The stakes of one play."""
        return self.model.draw(self.seats, streams)

    @property
    def digest(self) -> str:
        """SHA-256 over everything that can change a result."""
        said = json.dumps([_plain(self.model), self.seats, self.outside], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def bundled_markets() -> tuple[str, ...]:
    """Names of the markets that come with the library, in alphabetical order."""
    return tuple(sorted(f.name[:-5] for f in _folder().iterdir() if f.name.endswith(".toml")))


def load_market(source: str | Path) -> Market:
    """Read a market: a bundled name, or a file.

    Raises:
        UnknownName: neither a bundled name nor an existing file.
        FormatError: a file that does not read.
    """
    from negotiate.domain.formats.market import read  # noqa: PLC0415 - parsers load when used

    if isinstance(source, str) and source in bundled_markets():
        return read(Path(str(_folder() / f"{source}.toml")))
    path = Path(source)
    if source and path.is_file():
        return read(path)
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    near = get_close_matches(str(source)[:80], bundled_markets(), n=1)
    raise UnknownName(
        f"no market {quote(str(source))}: neither a bundled name nor a file",
        help=f"did you mean {near[0]!r}?" if near else "see `nego list markets`",
    )


def _folder() -> Traversable:
    return resources.files("negotiate.domain") / "bundled" / "markets"


def _plain(value: object) -> object:
    """A model as JSON can hold it; the same text for the same model."""
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(getattr(value, f.name)) for f in fields(value))]
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    return str(value) if isinstance(value, Fraction) else value
