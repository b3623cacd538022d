"""Scoring auction: buying where quality counts, such as delivery or CO2, by a score that all know.

Offers are outcomes of the domain. One issue is the price; the score of an offer is what its quality is worth to
the buyer, in the same money, less the price. Quality is worth ``weights`` times the value of an issue (days of a
date count from its first day), and ``points`` for each position of an issue. Each party sends one offer, or walks;
nobody else sees it before the close. The best score wins, the earliest of equals, if it reaches the minimum.

*First score*: the winner is paid its own price. *Second score*: the price at which its quality would tie with the
second best score (or, alone, with the minimum score). The winner is to deliver the quality that it offered.

The table:

    phase    offer          walk
    open     open or done   open or done

Source: Che (1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from negotiate.domain.issues import Choice, Date, Integer, Money
from negotiate.errors import DomainError, IllegalMove, LocalError
from negotiate.moves import Offer, Walk
from negotiate.protocols.clearing.scoring import Tender, scoring_auction
from negotiate.protocols.hosted import LARGEST, HostedRules, Table
from negotiate.protocols.rounds import Rounds
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain, Outcome
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "offer"): ("open", "done"), ("open", "walk"): ("open", "done")}

Worth: TypeAlias = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]


class ScoringAuction(HostedRules):
    """The rules of a scoring auction.

    Attributes:
        rule: ``first_score`` or ``second_score``.
        price: the issue that is the price.
        weights: issues of numbers and days, and what one more is worth to the buyer.
        points: issues, and what each of their values is worth, in their order.
        minimum: least score that is accepted.
        time_limit: milliseconds to the close.
    """

    name: Literal["scoring"] = "scoring"
    rule: Literal["first_score", "second_score"] = "first_score"
    price: str = "price"
    weights: tuple[tuple[str, Worth], ...] = ()
    points: tuple[tuple[str, tuple[Worth, ...]], ...] = ()
    minimum: Worth | None = None
    time_limit: int = Field(default=60_000, ge=1)

    @model_validator(mode="after")
    def _each_once(self) -> ScoringAuction:
        named = [self.price, *(n for n, _ in self.weights), *(n for n, _ in self.points)]
        if len(set(named)) != len(named):
            raise ValueError("an issue may be the price, have a weight or have points, once")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Tendering:
        """A new auction among one or more sellers; LocalError if the score does not fit the domain."""
        return Tendering(self, domain, parties, at)

    def quality(self, domain: Domain, outcome: Outcome) -> int:
        """What the quality of an outcome is worth to the buyer."""
        linear = sum(weight * _number(domain, name, outcome) for name, weight in self.weights)
        return linear + sum(
            worth[outcome[domain.issue_index(name)]] for name, worth in self.points
        )

    def score(self, domain: Domain, outcome: Outcome) -> int:
        """The score of an outcome: quality less price."""
        return self.quality(domain, outcome) - _number(domain, self.price, outcome)


def _number(domain: Domain, name: str, outcome: Outcome) -> int:
    place = domain.issue_index(name)
    issue, position = domain.issues[place], outcome[place]
    if isinstance(issue, Integer):
        return issue.value(position)
    return position * issue.step if isinstance(issue, Date) else position


class Tendering(Rounds):
    """The running state: the offers that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Offer, Walk)

    def __init__(
        self, rules: ScoringAuction, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        _fits(rules, domain)
        self._offers: dict[Party, Outcome] = {}  # in the order in which they came

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Offer):
            try:
                self.domain.check(getattr(move, "outcome", None))
            except DomainError as error:
                raise IllegalMove(str(error), code=error.code) from None

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        outcome = move.outcome if isinstance(move, Offer) else None
        if outcome is not None:
            self._offers[party] = outcome
        self._note(party, move.kind, outcome, [party])
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        rules, domain = self.rules, self.domain
        tenders = [
            Tender(str(p), _number(domain, rules.price, o), {"q": rules.quality(domain, o)})
            for p, o in self._offers.items()
        ]
        found = scoring_auction(tenders, {"q": 1}, rules.rule, rules.minimum)
        if found is None:
            self._allocate({}, {})
            return
        winner = int(found.winner)
        self._allocate({winner: -1}, {winner: -found.payment}, {winner: self._offers[winner]})

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        own = self._offers.get(view.party)
        view.mine = None if own is None else _number(self.domain, self.rules.price, own)


def _fits(rules: ScoringAuction, domain: Domain) -> None:
    """Raise LocalError unless the score can be computed for every outcome of the domain."""
    price = domain.issues[domain.issue_index(rules.price)]
    if not isinstance(price, Money):
        raise LocalError(f"issue {quote(rules.price)} is not money", code="score")
    for name, _ in rules.weights:
        if isinstance(domain.issues[domain.issue_index(name)], Choice):
            raise LocalError(
                f"issue {quote(name)} has no numbers to weigh", code="score", help="give points"
            )
    for name, worth in rules.points:
        size = domain.issues[domain.issue_index(name)].size
        if len(worth) != size:
            raise LocalError(
                f"issue {quote(name)} has {size} values and {len(worth)} points", code="score"
            )
