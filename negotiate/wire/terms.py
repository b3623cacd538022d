"""What is negotiated, on the wire: the domain in an opening, terms in an offer, and the amount of a deal.

Terms are the plain values of an outcome by issue name: text of a choice, integer of a number, minor units of
money, ISO text of a day. Issue names are identifiers; a domain whose names are not gets names made from them, and
the opening keeps the originals as titles. The amount of money of a deal is derived from its terms by the opening's
formula, a sum of products, in exact integers; a total is never read from the wire.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from negotiate.domain.issues import (
    Choice,
    Date,
    Domain,
    Integer,
    Issue,
    Money,
    Outcome,
    Quantity,
)
from negotiate.errors import DomainError, LocalError
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.show import quote
from negotiate.wire import codec
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from negotiate.protocol import Protocol
    from negotiate.wire import bodies

PROTOCOLS: dict[str, type[Protocol]] = {"alternating-offers": AlternatingOffers}
"""Protocols whose moves can be signed in turn. A name from the wire is looked up here and nowhere else."""

_REMEMBERED = 4_096  # offers of a session


class WireDomain:
    """A domain with its names on the wire, and the way between outcomes and terms.

    Attributes:
        domain: the domain.
        names: for each issue in order, its name on the wire.
    """

    def __init__(self, domain: Domain, names: Sequence[str]) -> None:
        self.domain = domain
        self.names = tuple(names)
        order = sorted(range(len(self.names)), key=self.names.__getitem__)
        self._keys = tuple(self.names[i] for i in order)
        self._writers = tuple((self.names[i], i, _writer(domain.issues[i])) for i in order)
        self._readers = tuple(zip(self.names, map(_reader, domain.issues), strict=True))
        self._known: dict[tuple[object, ...], Offer] = {}

    @classmethod
    def of(cls, domain: Domain) -> WireDomain:
        """The domain with its own names where they are identifiers, and names made from them elsewhere."""
        own = {issue.name for issue in domain.issues if codec.is_identifier(issue.name)}
        names: list[str] = []
        for issue in domain.issues:
            name = issue.name if issue.name in own else _identifier(issue.name)
            while issue.name not in own and (name in names or name in own):
                name = f"{name[:60]}_{len(names)}"
            names.append(name)
        return cls(domain, names)

    def terms(self, outcome: Outcome) -> dict[str, str | int]:
        """The terms of an outcome."""
        self.domain.check(outcome)
        return {name: write(outcome[i]) for name, i, write in self._writers}

    def said(self, offer: Offer) -> dict[str, str | int]:
        """The terms of an offer, which will be this object again when they are read."""
        terms = self.terms(offer.outcome)
        if len(self._known) < _REMEMBERED:
            self._known[tuple(terms.values())] = offer
        return terms

    def outcome(self, terms: Mapping[str, Any]) -> Outcome:
        """The outcome of terms; see :meth:`offer`."""
        return self.offer(terms).outcome

    def offer(self, terms: Mapping[str, Any]) -> Offer:
        """The offer of terms; the same object for the same terms.

        Raises:
            Fault: an issue is missing, unknown, or its value is not on the grid.
        """
        if tuple(terms) != self._keys:
            raise self._misfit(terms)
        values = tuple(terms.values())
        found = self._known.get(values)
        # 1 == True in a look-up, so types are asked again; the envelope has refused all but int and str
        if found is None:
            found = Offer(self._look_up(terms))
            if len(self._known) < _REMEMBERED:
                self._known[values] = found
        return found

    def _look_up(self, terms: Mapping[str, object]) -> Outcome:
        try:
            return tuple([read(terms[name]) for name, read in self._readers])
        except DomainError as error:
            raise Fault(f"the terms are not an outcome: {error}", code="terms") from None

    def _misfit(self, terms: Mapping[str, object]) -> Fault:
        missing = [name for name in self._keys if name not in terms]
        extra = [name for name in terms if name not in self._keys]
        parts = [f"no value for {', '.join(missing)}"] * bool(missing)
        parts += [f"no issue is called {', '.join(map(quote, extra[:4]))}"] * bool(extra)
        return Fault(f"the terms are not an outcome: {'; '.join(parts)}", code="terms")

    @cached_property
    def issues(self) -> list[dict[str, codec.Value]]:
        """The issues as an opening has them."""
        pairs = zip(self.domain.issues, self.names, strict=True)
        return [_issue_to_wire(issue, name) for issue, name in pairs]

    @classmethod
    def read(cls, issues: Sequence[bodies.Issue], title: str | None) -> WireDomain:
        """The domain of an opening; Fault if it cannot be."""
        names = [issue.name for issue in issues]
        try:
            domain = Domain(tuple(map(_issue_from_wire, issues)), title or "")
        except (DomainError, ValueError) as error:
            raise Fault(
                f"the domain cannot be: {quote(str(error), 200)}", code="rules"
            ) from None
        if len(set(names)) != len(names):
            raise Fault("two issues have one name", code="rules")
        _check_texts(issues)
        return cls(domain, names)


def _check_texts(issues: Sequence[bodies.Issue]) -> None:
    """Raise Fault if people could take one text of the domain for another."""
    for issue in issues:
        if codec.is_identifier(issue.title):
            raise Fault(f"issue {issue.name!r} goes by a second name", code="rules")
    texts = [[issue.title or issue.name for issue in issues], *(i.values or () for i in issues)]
    for listed in texts:
        if len({unicodedata.normalize("NFC", text) for text in listed}) != len(listed):
            raise Fault(f"two texts that look the same: {quote(listed)}", code="rules")


def _writer(issue: Issue) -> Callable[[int], str | int]:
    """What gives the wire value at a grid position that is one."""
    if isinstance(issue, Choice):
        return issue.values.__getitem__
    if isinstance(issue, Integer):
        return range(issue.low, issue.high + 1, issue.step).__getitem__
    return issue.plain


def _reader(issue: Issue) -> Callable[[object], int]:
    """What gives the grid position of a wire value, and raises DomainError if it has none."""
    if isinstance(issue, Integer) and issue.step == 1:
        return _whole(issue)
    if not isinstance(issue, Date):
        return issue.position  # takes the plain value in its exact type, and nothing else

    def day(value: object) -> int:
        position = issue.position(value) if isinstance(value, str) else -1
        if position < 0 or issue.plain(position) != value:
            raise DomainError(f"{quote(value)} is not a day of issue {issue.name!r}")
        return position

    return day


def _whole(issue: Integer) -> Callable[[object], int]:
    low, high = issue.low, issue.high

    def number(value: object) -> int:
        return (
            value - low
            if type(value) is int and low <= value <= high
            else issue.position(value)
        )

    return number


def _identifier(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"i_{slug}"[:64].rstrip("_") if not slug[:1].isalpha() else slug[:64]


def _issue_to_wire(issue: Issue, name: str) -> dict[str, codec.Value]:
    wire: dict[str, codec.Value] = {"kind": issue.kind, "name": name}
    if issue.name != name:
        wire["title"] = issue.name
    if isinstance(issue, Choice):
        return {**wire, "values": list(issue.values)}
    if not isinstance(issue, (Integer, Date)):
        raise LocalError(
            f"issue {issue.name!r} is of a kind that has no wire form", code="domain"
        )
    wire.update(low=issue.plain(0), high=issue.plain(issue.size - 1), step=issue.step)
    if isinstance(issue, Quantity):
        wire.update(unit=issue.unit, scale=issue.scale)
    if isinstance(issue, Money):
        wire.update(currency=issue.currency, scale=issue.scale)
    return wire


_FIELDS: dict[str, frozenset[str]] = {
    "choice": frozenset({"values"}),
    "integer": frozenset({"low", "high", "step"}),
    "quantity": frozenset({"low", "high", "step", "unit", "scale"}),
    "money": frozenset({"low", "high", "step", "currency", "scale"}),
    "date": frozenset({"low", "high", "step"}),
}


def _issue_from_wire(wire: bodies.Issue) -> Issue:
    given = {name: value for name, value in vars(wire).items() if value is not None}
    kind, name = given.pop("kind"), given.pop("name")
    name = given.pop("title", name)
    if frozenset(given) != _FIELDS.get(kind, frozenset()):
        raise DomainError(
            f"issue {name!r} of kind {quote(kind)} has fields {quote(', '.join(given))}"
        )
    if kind == "choice":
        return Choice(name, values=tuple(given["values"]))
    if kind == "date":
        low, high = (datetime.date.fromisoformat(str(given[end])) for end in ("low", "high"))
        if (low.isoformat(), high.isoformat()) != (given["low"], given["high"]):
            raise DomainError(f"a day of issue {name!r} is not in the form 2026-11-22")
        return Date(name, low=low, high=high, step=given["step"])
    if kind == "integer":
        return Integer(name, low=given["low"], high=given["high"], step=given["step"])
    numbers = (given["low"], given["high"], given["step"])
    if kind == "money":
        return Money(name, *numbers, currency=given["currency"], scale=given["scale"])
    return Quantity(name, *numbers, unit=given["unit"], scale=given["scale"])


# -- rules ---------------------------------------------------------------------------------------------


def rules_to_wire(protocol: Protocol) -> tuple[str, dict[str, codec.Value]]:
    """Name and parameters of a protocol, for an opening; parameters that are None stay out."""
    given = protocol.model_dump(exclude_none=True)
    name = str(given.pop("name", ""))
    if type(protocol) is not PROTOCOLS.get(name):
        known = ", ".join(PROTOCOLS)
        raise LocalError(f"{quote(name)} has no signed form; these have: {known}", code="rules")
    _without_chance(given)
    return name, given


def rules_from_wire(name: str, parameters: Mapping[str, object]) -> Protocol:
    """The protocol of an opening; every parameter that is absent is None, never a default."""
    cls = PROTOCOLS.get(name)
    if cls is None:
        raise Fault(f"protocol {quote(name)} is not spoken here", code="rules")
    given: dict[str, object] = {field: None for field in cls.model_fields if field != "name"}
    unknown = set(parameters) - set(given)
    if unknown:
        raise Fault(
            f"{name} has no parameter {quote(', '.join(sorted(unknown)))}", code="rules"
        )
    _without_chance(parameters)
    try:
        return cls.model_validate({**given, **parameters})
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        raise Fault(f"the rules cannot be: {quote(told['msg'], 200)}", code="rules") from None


def _without_chance(parameters: Mapping[str, object]) -> None:
    if parameters.get("breakdown"):
        raise Fault(
            "a random breakdown needs a source of chance that both trust; there is none",
            code="rules",
        )


# -- money ---------------------------------------------------------------------------------------------


class Amount:
    """How the amount of money of a deal follows from its terms: a sum of products, each with one price.

    Attributes:
        currency: of all prices; empty when the deal has no amount.
        scale: of all prices.
    """

    def __init__(self, wire: WireDomain, formula: Sequence[Sequence[str]]) -> None:
        self.currency, self.scale = "", 0
        self._terms: list[list[int]] = []
        self._issues = wire.domain.issues
        for product in formula:
            places = [self._place(wire, name) for name in product]
            prices = [self._issues[i] for i in places if isinstance(self._issues[i], Money)]
            if len(prices) != 1:
                raise Fault("each product of an amount has exactly one price", code="rules")
            self._same_money(cast("Money", prices[0]))
            self._terms.append(places)

    def _place(self, wire: WireDomain, name: str) -> int:
        if name not in wire.names:
            raise Fault(f"the amount names {quote(name)}, which is no issue", code="rules")
        place = wire.names.index(name)
        issue = wire.domain.issues[place]
        whole = type(issue) is Integer or isinstance(issue, Money)
        if not whole and not (isinstance(issue, Quantity) and issue.scale == 0):
            raise Fault(f"issue {name!r} is not a price or a whole number", code="rules")
        return place

    def _same_money(self, price: Money) -> None:
        if self.currency and (price.currency, price.scale) != (self.currency, self.scale):
            raise Fault("an amount in two currencies or scales", code="rules")
        self.currency, self.scale = price.currency, price.scale

    def of(self, outcome: Outcome) -> int:
        """The amount in minor units, exactly.

        Raises:
            Fault: it does not fit into 64 bits.
        """
        total = 0
        for places in self._terms:
            product = 1
            for place in places:
                product *= cast("int", self._issues[place].value(outcome[place]))
            total += product
        if abs(total) > codec.MAX_INT:
            raise Fault("the amount of the deal does not fit into 64 bits", code="terms")
        return total


_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def minor_units(amount: object, scale: int) -> int:
    """Minor units from an exact decimal: ``minor_units("12.50", 2)`` is 1250.

    Raises:
        LocalError: a float, not a plain decimal, or more decimals than the scale has.
    """
    if isinstance(amount, Decimal):
        if not amount.is_finite() or not -20 < amount.adjusted() < 20:
            raise LocalError(f"{quote(amount)} is not an amount of money", code="money")
        amount = f"{amount:f}"
    if type(amount) is int:
        amount = str(amount) if abs(amount) < 10**18 else "too large"
    if not isinstance(amount, str) or len(amount) > 40 or not _NUMBER.fullmatch(amount):
        raise LocalError(
            f"{quote(amount)} is not an amount of money",
            code="money",
            help="give a text such as '12.50'; never a float",
        )
    units = Decimal(amount).scaleb(scale)
    if units != int(units) or abs(int(units)) > codec.MAX_INT:
        raise LocalError(f"{amount} is not exact with {scale} decimals", code="money")
    return int(units)
