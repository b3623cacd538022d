"""Sealed bids on packages of items: pay as bid, VCG, or core-selecting; to sell and to buy.

Each party sends as many package bids as it likes, and says with a pass that these are all; nobody else sees them
before the close. The language says what they mean together: ``xor``, at most one of them wins; ``or``, any that do
not collide; ``or_star``, as ``or``, where bids may also name dummy items, each party's own, that only tie its bids
together. The auction closes when all have passed or when time is up.

The table:

    phase    package-bid   pass
    open     open          open or done

Winners, ties and payments are those of :mod:`negotiate.protocols.clearing.combinatorial` and
:mod:`negotiate.protocols.clearing.core`. Selling, a bid must reach the opening prices of its items, and a winner
pays at least these. Buying, a seller that cannot be replaced gets what it asked. If the winners cannot be
determined within ``nodes`` steps of search, there is no sale: nothing is guessed.

Sources: Nisan in Cramton, Shoham & Steinberg (2006); Clarke (1971); Day & Raghavan (2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.errors import IllegalMove
from negotiate.moves import PackageBid, Pass
from negotiate.protocols.clearing.combinatorial import Atom, Language, Market
from negotiate.protocols.clearing.solvers import require
from negotiate.protocols.hosted import Table, amount_of
from negotiate.protocols.items import ItemName, ItemRules, dot
from negotiate.protocols.packages import PackageSale
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "package-bid"): ("open",), ("open", "pass"): ("open", "done")}


class Combinatorial(ItemRules):
    """The rules of sealed bids on packages of items.

    Attributes:
        language: what a party's bids mean together.
        dummies: items that are not for sale and only tie a party's bids together.
        side: ``forward`` sells all items, ``reverse`` buys each of them.
        price: what winners pay (or get); ``core`` is for selling and XOR bids.
        most_bids: package bids of one party.
        nodes: how much work a search for the winners may be.
        solver: who searches: the own search, or a solver that all who check the result must have.
        time_limit: milliseconds to the close.
    """

    name: Literal["combinatorial"] = "combinatorial"
    language: Language = "xor"
    dummies: Annotated[tuple[ItemName, ...], Field(max_length=256)] = ()
    side: Literal["forward", "reverse"] = "forward"
    price: Literal["bid", "vcg", "core"] = "bid"
    most_bids: int = Field(default=200, ge=1, le=10_000)
    nodes: int = Field(default=500_000, ge=1, le=10**9)
    solver: Literal["own", "highs", "cpsat"] = "own"
    time_limit: int = Field(default=60_000, ge=1)

    @model_validator(mode="after")
    def _go_together(self) -> Combinatorial:
        if self.price == "core" and (self.language != "xor" or self.side == "reverse"):
            raise ValueError("the core rule is for selling, and for XOR bids")
        if self.dummies and self.language != "or_star":
            raise ValueError("dummies are for the language or_star")
        if set(self.dummies) & set(self.items):
            raise ValueError("dummies must have other names than items")
        if self.opening and self.side == "reverse":
            raise ValueError("opening prices are for selling")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> PackageBidding:
        """A new auction among one or more bidders.

        Raises:
            LocalError: the solver that the rules name is not there.
        """
        if self.solver != "own":
            require(self.solver)
        return PackageBidding(self, domain, parties, at)


class PackageBidding(PackageSale):
    """The running state: the bids that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (PackageBid, Pass)

    def __init__(
        self, rules: Combinatorial, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        self._views = rules.views(self._all)
        self._bids: dict[tuple[Party, tuple[str, ...]], PackageBid] = {}
        self._sent = [0 for _ in self._all]

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Pass):
            self._refuse_round(move.round)
        elif isinstance(move, PackageBid):
            self._refuse_bid(party, move)

    def _refuse_bid(self, party: Party, bid: PackageBid) -> None:
        rules = self.rules
        if self._sent[party] >= rules.most_bids:
            raise IllegalMove(f"{rules.most_bids:,} bids are the most", code="too-many")
        units = rules.package(bid.items, rules.dummies)
        amount = amount_of(bid.amount)
        if (party, tuple(sorted(bid.items))) in self._bids:
            raise IllegalMove(f"you have bid on {quote(bid.items)} already", code="duplicate")
        if amount < dot(rules.openings, units):
            raise IllegalMove(
                "the bid is below the opening prices of its items", code="reserve"
            )

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, PackageBid):
            self._bids[party, tuple(sorted(move.items))] = move
            self._sent[party] += 1
            units = self.rules.package(move.items, self.rules.dummies)
            self._note(party, move.kind, (*units, move.amount), [party])
        elif isinstance(move, Pass):
            self._note(party, move.kind, None, [party])
            self._answered(party, now)

    def _end_round(self, now: int) -> None:
        rules = self.rules
        atoms = [
            Atom(str(party), bid.items, bid.amount) for (party, _), bid in self._bids.items()
        ]
        market = Market(
            tuple(atoms),
            dict(zip(rules.items, rules.supplies, strict=True)),
            rules.language,
            frozenset(rules.dummies),
            reverse=rules.side == "reverse",
            nodes=rules.nodes,
            solver=rules.solver,
        )
        self._sell(rules, market, rules.price)
