"""Simultaneous ascending auction: different items, all sold at once, in rounds.

Each item has a bid that stands, or none. In a round a party may bid on any items that it does not hold: the amount
must be on the item's click-box, which starts at the opening price, or one increment above the bid that stands, and
goes up in ``clicks`` steps of the increment. Bids are seen when the round ends; the highest new bid on an item then
stands, the earliest of equals. The auction closes for all items together after a round without a new bid or a
withdrawal. Those who hold the items then pay what they bid.

*Activity*: each item is worth points. A party is active on the items that it holds and those that it newly bids on,
and never on more points than it is eligible for. If it is active on less than the percentage of its eligibility
that the stage asks for, a waiver is used up, or without one its eligibility falls so that what it did is enough.

*Withdrawal*: who holds an item may take its bid back, so often as the rules allow. The item is then open again
from its opening price. At the close each bid taken back owes what it was above the highest bid that came for the
item later; so the seller gets at least the highest bid that there ever was.

A round ends when all who are still eligible have passed, or at its time.

The table:

    phase    item-bid   withdraw   pass
    round    round      round      round or done

Source: Milgrom (2000); Cramton (2006) for activity, waivers and withdrawals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from negotiate.bidder import AuctionView, ItemsView
from negotiate.errors import IllegalMove
from negotiate.moves import ItemBid, Pass, Withdraw
from negotiate.protocols.hosted import LARGEST, Table, amount_of
from negotiate.protocols.items import Count, ItemRules, dot
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("round", "item-bid"): ("round",),
    ("round", "withdraw"): ("round",),
    ("round", "pass"): ("round", "done"),
}


class SimultaneousAscending(ItemRules):
    """The rules of a simultaneous ascending auction; there is one of each item.

    Attributes:
        increment: least raise.
        clicks: amounts on a click-box.
        points: of each item; empty for 1.
        eligibility: points that each party starts with; None for those of all items.
        stages: from which round on what percentage of its eligibility a party must be active on.
        waivers: rounds in which a party may be less active.
        withdrawals: bids that a party may take back.
        round_time: milliseconds to the end of a round.
        rounds: the auction closes after so many rounds at the latest.
    """

    name: Literal["simultaneous-ascending"] = "simultaneous-ascending"
    increment: int = Field(default=1, ge=1, le=LARGEST)
    clicks: int = Field(default=9, ge=1, le=1000)
    points: tuple[Count, ...] = ()
    eligibility: int | None = Field(default=None, ge=1, le=LARGEST)
    stages: tuple[tuple[int, int], ...] = ((1, 100),)
    waivers: int = Field(default=0, ge=0, le=1000)
    withdrawals: int = Field(default=0, ge=0, le=1000)
    round_time: int = Field(default=60_000, ge=1)
    rounds: int = Field(default=1000, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _in_stages(self) -> SimultaneousAscending:
        if self.supply:
            raise ValueError("there is one of each item here; leave supply out")
        begins = [begin for begin, _ in self.stages]
        if begins[:1] != [1] or begins != sorted(set(begins)):
            raise ValueError("stages must begin with round 1 and go on with later ones")
        if not all(1 <= percent <= 100 for _, percent in self.stages):
            raise ValueError("a stage asks for 1 to 100 percent")
        return self

    @property
    def worth(self) -> tuple[int, ...]:
        """Points of each item."""
        return self.points or (1,) * len(self.items)

    def percent(self, in_round: int) -> int:
        """Share of its eligibility that a party must be active on in a round."""
        return next(p for begin, p in reversed(self.stages) if begin <= in_round)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Ascending:
        """A new auction among one or more bidders."""
        return Ascending(self, domain, parties, at)


class Standing(NamedTuple):
    """A bid that stands, or stood."""

    party: Party
    amount: int


class Ascending(Rounds):
    """The running state: what stands, what this round has brought, and who is eligible for how much."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (ItemBid, Withdraw, Pass)

    def __init__(
        self, rules: SimultaneousAscending, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "round", at, rules.round_time)
        self.rules = rules
        self._views = rules.views(self._all)
        count = len(rules.items)
        self._standing: list[Standing | None] = [None] * count
        self._history: list[list[tuple[Standing, bool]]] = [
            [] for _ in rules.items
        ]  # and if it was taken back
        self._bids: dict[tuple[int, Party], int] = {}  # of this round
        self._back: dict[int, Party] = {}  # items given back in this round
        points = sum(rules.worth) if rules.eligibility is None else rules.eligibility
        self._eligible = [points for _ in self._all]
        self._waivers = [rules.waivers for _ in self._all]
        self._withdrawals = [rules.withdrawals for _ in self._all]
        self._demand = (0,) * count

    # -- moves -------------------------------------------------------------------------------------

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Pass):
            self._refuse_round(move.round)
        elif isinstance(move, Withdraw):
            self._refuse_withdrawal(party, self.rules.place(move.item))
        elif isinstance(move, ItemBid):
            self._refuse_bid(party, self.rules.place(move.item), amount_of(move.amount))

    def _refuse_bid(self, party: Party, place: int, amount: int) -> None:
        rules, stands = self.rules, self._standing[place]
        if stands is not None and stands.party == party:
            raise IllegalMove("you hold this item already", code="standing")
        if (place, party) in self._bids:
            raise IllegalMove("you have bid on this item in this round", code="duplicate")
        clicks, rest = divmod(amount - self._least(place), rules.increment)
        if rest or not 0 <= clicks < rules.clicks:
            raise IllegalMove(
                f"{amount} is not on the click-box: {self._least(place)} and up to "
                f"{rules.clicks - 1} more steps of {rules.increment}",
                code="low" if clicks < 0 else "click-box",
            )
        if self._active(party) + rules.worth[place] > self._eligible[party]:
            raise IllegalMove(
                f"you are eligible for {self._eligible[party]} points", code="eligibility"
            )

    def _refuse_withdrawal(self, party: Party, place: int) -> None:
        stands = self._standing[place]
        if stands is None or stands.party != party or place in self._back:
            raise IllegalMove("you do not hold this item", code="not-standing")
        if not self._withdrawals[party]:
            raise IllegalMove("no withdrawals are left to you", code="too-many")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, ItemBid):
            place = self.rules.place(move.item)
            self._bids[place, party] = move.amount
            self._note(party, move.kind, (place, move.amount), [party])
        elif isinstance(move, Withdraw):
            place = self.rules.place(move.item)
            self._back[place] = party
            self._withdrawals[party] -= 1
            self._note(party, move.kind, (place,), [party])
        elif isinstance(move, Pass):
            self._note(party, move.kind, None, [party])
            self._answered(party, now)

    # -- rounds ------------------------------------------------------------------------------------

    def _least(self, place: int) -> int:
        stands = self._standing[place]
        if stands is None:
            return self.rules.openings[place]
        return stands.amount + self.rules.increment

    def _held(self, party: Party) -> tuple[int, ...]:
        """1 for each item that the party holds and has not given back."""
        return tuple(
            int(stands is not None and stands.party == party and place not in self._back)
            for place, stands in enumerate(self._standing)
        )

    def _active(self, party: Party) -> int:
        """Points of what the party holds and of what it has newly bid on."""
        new = sum(self.rules.worth[place] for place, other in self._bids if other == party)
        return dot(self.rules.worth, self._held(party)) + new

    def _end_round(self, now: int) -> None:
        over = (not self._bids and not self._back) or self.round >= self.rules.rounds
        for party in self._all:
            self._keep_active(party)
        self._bring_in()
        if over:
            self._close()
        else:
            eligible = [party for party in self._all if self._eligible[party]]
            self._call(eligible, now, self.rules.round_time)

    def _keep_active(self, party: Party) -> None:
        percent = self.rules.percent(self.round)
        active = self._active(party)
        if active * 100 >= self._eligible[party] * percent:
            return
        if self._waivers[party]:
            self._waivers[party] -= 1
        else:
            self._eligible[party] = active * 100 // percent

    def _bring_in(self) -> None:
        """Withdrawals take effect, then the bids of the round."""
        for place in self._back:
            bid, _ = self._history[place][-1]
            self._history[place][-1] = (bid, True)
            self._standing[place] = None
        best: dict[int, Standing] = {}
        for (place, party), amount in self._bids.items():
            if place not in best or amount > best[place].amount:
                best[place] = Standing(party, amount)
        for place, bid in best.items():
            self._standing[place] = bid
            self._history[place].append((bid, False))
        counts = [place for place, _ in self._bids]
        self._demand = tuple(counts.count(place) for place in range(len(self.rules.items)))
        self._bids, self._back = {}, {}

    def _close(self) -> None:
        goods = {party: self._held(party) for party in self._all}
        due = dict.fromkeys(self._all, 0)
        for place, stands in enumerate(self._standing):
            if stands is not None:
                due[stands.party] += stands.amount
            best = 0  # of what came later
            for bid, back in reversed(self._history[place]):
                due[bid.party] += max(0, bid.amount - best) if back else 0
                best = max(best, bid.amount)
        self._allocate({party: sum(held) for party, held in goods.items()}, due, goods)

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        if isinstance(view, ItemsView):
            view.prices = tuple(0 if s is None else s.amount for s in self._standing)
            view.minimum = tuple(map(self._least, range(len(self._standing))))
            view.held = self._held(view.party)
            view.demand = self._demand
            view.eligibility = self._eligible[view.party]
