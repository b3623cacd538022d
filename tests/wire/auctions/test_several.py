"""Auctions of several units, items and sides: why each wins and pays, and what it may have to pay at most."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from negotiate.domain.issues import Choice, Domain, Integer, Money
from negotiate.errors import IllegalMove
from negotiate.moves import (
    Ask,
    Bid,
    Demand,
    ItemBid,
    Marginals,
    Offer,
    PackageBid,
    Pass,
    Prefer,
    Walk,
    Withdraw,
)
from negotiate.protocol import Allocation
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.protocols.unit_demand import UnitDemand
from negotiate.wire.hosted import caps, grounds
from negotiate.wire.hosted.reasons import FIGURES, RULES, Case
from negotiate.wire.prose import tell
from tests.wire.auctions.kit import LOT, Room, verdict

WORK = Domain((Money("price", -5, 100), Integer("days", 1, 9), Choice("kind", ("a", "b"))))
TENDER = ScoringAuction(weights=(("days", -2),), points=(("kind", (0, 10)),))


class Hall:
    """A protocol without signatures: places are counted from 0, all moves must be legal."""

    def __init__(self, rules: Any, domain: Domain, parties: int) -> None:
        self.rules, self.domain = rules, domain
        self.state = rules.start(domain, tuple(f"p{n}" for n in range(parties)))
        self.taken: list[Any] = []

    def push(self, party: int, move: Any, at: int = 0) -> None:
        self.state.push(party, move, at)
        self.taken.append(SimpleNamespace(place=len(self.taken), party=party, move=move))

    def end(self) -> Any:
        while self.state.result is None:
            self.state.advance(self.state._event() or 0)
        return self.state.result

    def why(self) -> list[tuple[Any, ...]]:
        case = Case(self.taken, self.end(), self.state)
        return [tuple(one) for one in grounds.explain(self.rules, case)]

    def worst(self, party: int) -> int | None:
        said = [one.move for one in self.taken if one.party == party]
        return caps.exposure(self.rules, said, self.state.view(party), self.domain)


WORST: dict[str, tuple[Any, list[Any], int | None]] = {
    "nothing wanted yet": (UnitDemand(), [], 0),
    "nothing liked": (UnitDemand(), [Prefer(1, ())], 0),
    "no tender yet": (TENDER, [], 0),
    "a tender without a domain": (TENDER, [Offer((0, 0, 0))], None),
    "a demand of nothing": (AscendingClock(), [Demand(1, ())], 0),
    "a demand that fell": (
        AscendingClock(opening=5, step=5),
        [Demand(1, (3,)), Demand(2, (1,))],
        20,
    ),
    "a demand before anything was shown": (CombinatorialClock(), [Demand(3, (2, 1))], 6),
}


@pytest.mark.parametrize("case", WORST.values(), ids=WORST)
def test_the_worst_case_without_anything_to_see(case: Any) -> None:
    rules, said, worst = case
    assert caps.exposure(rules, said, None) == worst


def test_the_worst_case_of_a_tender_off_the_domain_is_not_guessed() -> None:
    assert caps.exposure(TENDER, [Offer((500, 0, 0))], None, WORK) is None
    assert caps.exposure(TENDER, [Offer((2, 0, 0))], None, WORK) == 3


def test_a_host_that_quotes_other_prices_than_the_rules_can_have_does_not_widen_a_mandate() -> (
    None
):
    rules = CombinatorialClock()
    seen = rules.start(LOT, ("a", "b")).view(0)
    for shown in (("free", 9), (1,), None, (50, 50)):
        seen.prices = shown  # type: ignore[attr-defined]
        assert caps.exposure(rules, [Demand(3, (2, 1))], seen) == 6


def why(rules: Any, *said: tuple[int, Any], parties: int = 3, domain: Domain = LOT) -> Any:
    hall = Hall(rules, domain, parties)
    for party, move in said:
        hall.push(party, move)
    return hall.why()


def units(price: Any, *amounts: tuple[int, ...], **rules: Any) -> Any:
    bids = [(party, Marginals(each)) for party, each in enumerate(amounts)]
    return why(MultiUnit(price=price, **rules), *bids)


# -- several units ---------------------------------------------------------------------------------------


def test_units_at_their_own_amounts() -> None:
    assert units("discriminatory", (9, 8), (7,), (6,)) == [
        (0, 2, 17, "own-amounts", (0,), (0,), ())
    ]


def test_units_at_the_highest_rejected_amount() -> None:
    assert units("uniform", (9, 5), (7,), (6,)) == [
        (0, 1, 6, "highest-rejected", (0,), (2,), (("price", 6),)),
        (1, 1, 6, "highest-rejected", (1,), (2,), (("price", 6),)),
    ]


def test_units_at_the_lowest_accepted_amount() -> None:
    assert units("uniform", (9, 5), (7,), (6,), uniform="lowest_accepted") == [
        (0, 1, 7, "lowest-accepted", (0,), (1,), (("price", 7),)),
        (1, 1, 7, "lowest-accepted", (1,), (1,), (("price", 7),)),
    ]


def test_units_that_nobody_else_wants_go_at_the_reserve() -> None:
    assert units("uniform", (9,), (3,), (4,), units=4, reserve=4) == [
        (0, 1, 4, "units-left", (0,), (), (("price", 4),)),
        (2, 1, 4, "units-left", (2,), (), (("price", 4),)),
    ]


def test_units_at_what_they_displace() -> None:
    assert units("vickrey", (9, 8), (7,), (6,)) == [
        (0, 2, 13, "displaced", (0,), (1, 2), (("displaced", 13),))
    ]


def test_units_clinched_on_the_way() -> None:
    rules = AscendingClock(units=2, opening=1, step=1, last=9)
    said = [
        (0, Demand(1, (2,))),
        (1, Demand(1, (1,))),
        (0, Demand(2, (2,))),
        (1, Demand(2, (0,))),
    ]
    assert why(rules, *said, parties=2) == [
        (0, 2, 3, "clinched", (2,), (), (("least", 1), ("most", 2)))
    ]


def test_units_at_the_one_price_of_the_clock() -> None:
    rules = AscendingClock(units=2, form="uniform", opening=1, step=1, last=9)
    said = [
        (0, Demand(1, (2,))),
        (1, Demand(1, (1,))),
        (0, Demand(2, (2,))),
        (1, Demand(2, (0,))),
    ]
    assert why(rules, *said, parties=2) == [
        (0, 2, 4, "clock-uniform", (2,), (), (("price", 2),))
    ]


# -- several items ---------------------------------------------------------------------------------------


def test_items_at_the_bids_that_stand_and_bids_taken_back() -> None:
    rules = SimultaneousAscending(withdrawals=1)
    said = [
        (0, ItemBid("A", 5)), (1, ItemBid("B", 3)), (0, Pass(1)), (1, Pass(1)),
        (0, Withdraw("A")), (0, ItemBid("B", 4)), (0, Pass(2)), (1, Pass(2)),
        (0, Pass(3)), (1, Pass(3)),
    ]  # fmt: skip
    assert why(rules, *said, parties=2) == [
        (0, 1, 9, "item-bids", (5,), (), (("standing", 4), ("taken-back", 5)))
    ]


def test_who_only_took_bids_back_pays_for_that() -> None:
    rules = SimultaneousAscending(withdrawals=1)
    said = [(0, ItemBid("A", 5)), (0, Pass(1)), (0, Withdraw("A")), (0, Pass(2))]
    assert why(rules, *said, parties=1) == [
        (0, 0, 5, "taken-back", (), (), (("taken-back", 5),))
    ]


def test_one_of_several_items_at_the_least_prices() -> None:
    rules = UnitDemand(items=("A",), step=3)
    said = [
        (0, Prefer(1, ("A",))),
        (1, Prefer(1, ("A",))),
        (0, Prefer(2, ("A",))),
        (1, Prefer(2, ())),
    ]
    assert why(rules, *said, parties=2) == [
        (0, 1, 3, "least-prices", (2,), (), (("price", 3),))
    ]


PACKAGES = [
    (0, PackageBid(("A", "B"), 10)), (1, PackageBid(("A",), 7)), (2, PackageBid(("B",), 6)),
    (0, Pass()), (1, Pass()), (2, Pass()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, [(1, 7, "package-bid", ()), (2, 6, "package-bid", ())]),
        ({"price": "vcg"}, [(1, 4, "package-vcg", (("off", 3),)), (2, 3, "package-vcg", (("off", 3),))]),
        ({"price": "core"},
         [(1, "11/2", "package-core", (("off", "3/2"),)), (2, "9/2", "package-core", (("off", "3/2"),))]),
        ({"price": "vcg", "opening": (5, 2)},
         [(1, 5, "package-opening", (("off", 2),)), (2, 3, "package-vcg", (("off", 3),))]),
    ],
    ids=["bid", "vcg", "core", "opening"],
)  # fmt: skip
def test_packages_by_total_and_rule(rules: Any, told: Any) -> None:
    found = why(Combinatorial(**rules), *PACKAGES)
    totals = [(("bid", 7), ("total", 13)), (("bid", 6), ("total", 13))]
    assert [(one[4], one[6][:2]) for one in found] == [((1,), totals[0]), ((2,), totals[1])]
    plain = [
        tuple((n, v if isinstance(v, int) else str(v)) for n, v in one[6][2:]) for one in found
    ]
    assert [
        (one[0], one[2] if isinstance(one[2], int) else str(one[2]), one[3], off)
        for one, off in zip(found, plain, strict=True)
    ] == told


def test_a_clock_of_packages_names_demand_or_bid() -> None:
    rules = CombinatorialClock(price="bid")
    said: list[tuple[int, Any]] = [
        (0, Demand(1, (1, 0))), (1, Demand(1, (1, 1))), (0, Demand(2, (0, 0))), (1, Demand(2, (1, 1))),
        (1, Pass(3)), (0, Pass(3)),
    ]  # fmt: skip
    assert why(rules, *said, parties=2) == [
        (1, 2, 1, "package-bid", (3,), (), (("bid", 1), ("total", 1)))
    ]
    said[4:] = [(1, PackageBid(("B", "A"), 9)), (1, Pass(3)), (0, Pass(3))]
    assert why(rules, *said, parties=2) == [
        (1, 2, 9, "package-bid", (4,), (), (("bid", 9), ("total", 9)))
    ]


# -- quality, positions, two sides -----------------------------------------------------------------------


def offers(*outcomes: tuple[int, int, str]) -> list[tuple[int, Any]]:
    named = [{"price": price, "days": days, "kind": kind} for price, days, kind in outcomes]
    return [(party, Offer(WORK.outcome(each))) for party, each in enumerate(named)]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, (-20, "first-score", (1,), (1,), (("score", -12),))),
        ({"rule": "second_score"}, (-29, "second-score", (1,), (2,), (("score", -12), ("rival", -21)))),
        ({"rule": "second_score", "minimum": -15}, (-23, "least-score", (1,), (), (("score", -12), ("rival", -15)))),
    ],
)  # fmt: skip
def test_the_best_score(rules: Any, told: Any) -> None:
    said = offers((20, 1, "a"), (20, 1, "b"), (19, 1, "a"))
    paid, *rest = told
    found = why(TENDER.model_copy(update=rules), *said, domain=WORK)
    assert found == [(1, -1, paid, *rest)]


def test_a_lone_seller_without_a_minimum_gets_its_own_price() -> None:
    rules = TENDER.model_copy(update={"rule": "second_score"})
    assert why(rules, *offers((20, 1, "a")), parties=1, domain=WORK) == [
        (0, -1, -20, "first-score", (0,), (0,), (("score", -22),))
    ]


def test_slots_by_quality_times_bid() -> None:
    rules = PositionAuction(clicks=(10, 5), quality=(1, 2, 1), reserve=1)
    said = [(0, Bid(9)), (1, Bid(6)), (2, Bid(1))]
    (second, first) = why(rules, *said)
    assert (first[0], first[3:6]) == (1, ("next-bid", (1,), (0,)))
    assert str(first[6][0][1]) == "9/2"
    assert second == (0, 5, 5, "slot-reserve", (0,), (), (("price", 1),))
    vcg = why(rules.model_copy(update={"price": "vcg"}), *said)
    assert [one[3:6] for one in vcg] == [("slot-vcg", (0,), (2,)), ("slot-vcg", (1,), (0, 2))]


TRADERS = [(0, Bid(9)), (1, Bid(6)), (2, Ask(4)), (3, Ask(5)), (4, Bid(3)), (5, Ask(8))]


@pytest.mark.parametrize(
    ("rules", "buyer", "seller"),
    [
        ({}, ("equilibrium", (3, 1)), ("equilibrium", (3, 1))),
        ({"weight": (0, 1)}, ("equilibrium", (3,)), ("equilibrium", (3,))),
        ({"weight": (1, 1)}, ("equilibrium", (1,)), ("equilibrium", (1,))),
        ({"rule": "mcafee"}, ("mcafee", (4, 5)), ("mcafee", (4, 5))),
        ({"rule": "trade-reduction"}, ("reduced", (1,)), ("reduced", (3,))),
        ({"rule": "sbba"}, ("balanced", (1,)), ("balanced", (1,))),
        ({"rule": "vcg"}, ("displaced-trader", (3,)), ("displaced-trader", (1,))),
    ],
)
def test_two_sides(rules: Any, buyer: Any, seller: Any) -> None:
    found = {one[0]: one for one in why(DoubleAuction(**rules), *TRADERS, parties=6)}
    assert found[0][3:6] == (buyer[0], (0,), buyer[1])
    sells = next(one for one in found.values() if one[1] < 0)
    assert (sells[3], sells[5]) == seller


def test_without_others_mcafee_leaves_out_a_trade() -> None:
    found = why(DoubleAuction(rule="mcafee"), *TRADERS[:4], parties=4)
    assert {one[3] for one in found} == {"reduced"}


# -- laws ------------------------------------------------------------------------------------------------


def guess(rules: Any, kind: str, view: Any, dice: random.Random) -> Any:
    """A move of this kind, often a legal one."""
    items = getattr(rules, "items", ("A",))
    small = dice.randrange(12)
    some = tuple(dice.sample(items, dice.randint(1, len(items))))
    return {
        "bid": Bid(small), "ask": Ask(small), "walk": Walk(), "pass": Pass(view.round),
        "marginals": Marginals(tuple(sorted((dice.randrange(12) for _ in range(dice.randint(1, 3))), reverse=True))),
        "demand": Demand(view.round, tuple(dice.randrange(3) for _ in (items if len(items) > 1 else "A"))),
        "prefer": Prefer(view.round, some, dice.random() < 0.3),
        "item-bid": ItemBid(some[0], small), "package-bid": PackageBid(some, small), "withdraw": Withdraw(some[0]),
        "offer": Offer((dice.randrange(106), dice.randrange(9), dice.randrange(2))),
    }[kind]  # fmt: skip


def played(rules: Any, domain: Domain, dice: random.Random) -> Hall:
    hall = Hall(rules, domain, 6)
    for turn in range(120):
        if hall.state.result is not None:
            break
        party = dice.randrange(6)
        kinds = hall.state.legal(party)
        if kinds:
            move = guess(rules, dice.choice(kinds), hall.state.view(party), dice)
            try:
                hall.push(party, move, turn)
            except IllegalMove:
                continue
    hall.end()
    return hall


PRICES: tuple[tuple[Any, int | None], ...] = (
    ("discriminatory", None),
    ("uniform", 2),
    ("vickrey", 3),
)
RULES_TRIED: dict[str, tuple[Any, Domain]] = {
    **{f"units {p}": (MultiUnit(price=p, units=3, reserve=r), LOT)
       for p, r in PRICES},
    "units, lowest accepted": (MultiUnit(units=3, uniform="lowest_accepted"), LOT),
    **{f"clock {form} {pays}": (AscendingClock(units=3, form=form, pays=pays, step=2, last=20), LOT)
       for form in ("clinching", "uniform") for pays in ("clock", "last_common")},
    "ascending": (SimultaneousAscending(items=("A", "B", "C"), withdrawals=3, opening=(1, 2, 0)), LOT),
    "unit demand": (UnitDemand(items=("A", "B"), step=2, opening=(1, 0)), LOT),
    "xor": (Combinatorial(items=("A", "B", "C")), LOT),
    "or": (Combinatorial(items=("A", "B", "C"), language="or", price="vcg", opening=(1, 0, 2)), LOT),
    "core": (Combinatorial(items=("A", "B"), supply=(2, 1), price="core"), LOT),
    "buying": (Combinatorial(side="reverse", price="vcg"), LOT),
    "package clock": (CombinatorialClock(step=(1, 2), rounds=6), LOT),
    "scoring": (TENDER, WORK),
    "second score": (TENDER.model_copy(update={"rule": "second_score", "minimum": -60}), WORK),
    "slots": (PositionAuction(clicks=(9, 4, 1), quality=(1, 2, 3, 1, 2, 1), reserve=1), LOT),
    "slots vcg": (PositionAuction(clicks=(9, 4), price="vcg", reserve=2), LOT),
    **{f"two sides {rule}": (DoubleAuction(rule=rule), LOT)
       for rule in ("k", "mcafee", "trade-reduction", "sbba", "vcg")},
}  # fmt: skip


@pytest.mark.parametrize("name", RULES_TRIED)
def test_nobody_pays_more_than_the_worst_case_of_what_it_said(name: str) -> None:
    rules, domain = RULES_TRIED[name]
    for seed in range(40):
        hall = played(rules, domain, random.Random(seed))
        result = hall.state.result
        if isinstance(result, Allocation):
            for party, pays in enumerate(result.payments):
                worst = hall.worst(party)
                assert worst is not None
                assert pays <= max(worst, 0), (seed, party, hall.taken)


@pytest.mark.parametrize("name", RULES_TRIED)
def test_the_grounds_name_a_rule_bids_and_figures_that_add_up(name: str) -> None:
    rules, domain = RULES_TRIED[name]
    told = 0
    for seed in range(20):
        hall = played(rules, domain, random.Random(seed))
        for _, got, pays, rule, own, by, named in hall.why():
            told += 1
            assert rule in RULES
            assert rule != "rules"
            assert own or rule == "taken-back"
            assert set(own) | set(by) <= set(range(len(hall.taken)))
            figures = dict(named)
            assert set(figures) <= set(FIGURES)
            if "price" in figures:
                assert figures["price"] * abs(got) == abs(pays)
            if "off" in figures:
                assert abs(figures["bid"] - abs(pays)) == figures["off"]
            if "standing" in figures:
                assert figures["standing"] + figures.get("taken-back", 0) == pays
    assert told


# -- signed ----------------------------------------------------------------------------------------------


def test_a_signed_auction_of_packages_tells_who_gets_what_and_why() -> None:
    room = Room(Combinatorial(price="vcg", time_limit=60_000))
    for name, bid in zip(room.bidders, [("A", "B"), ("A",), ("B",)], strict=True):
        assert room.bid(name, PackageBid(bid, 13 - 2 * len(bid) + len(name))) == ""
    room.award()
    found = verdict(room.host.transcript())
    assert found.valid, found.fault
    shares = found.to_json()["award"]["shares"]
    assert [share["goods"] for share in shares] == [{"A": 1}, {"B": 1}]
    assert all(share["rule"] == "package-vcg" for share in shares)
    assert "gets 1 (A=1) and pays" in tell(found)
    assert "taken off" in tell(found)


def test_a_signed_tender_tells_the_terms_and_a_slot_its_place() -> None:
    room = Room(TENDER, options={"domain": WORK, "amount": (("price",),)})
    assert room.bid("Weber", Offer(WORK.outcome({"price": 20, "days": 2, "kind": "b"}))) == ""
    room.award()
    found = verdict(room.host.transcript())
    (share,) = found.to_json()["award"]["shares"]
    assert share["goods"] == {"price": 20, "days": 2, "kind": "b"}
    slots = Room(PositionAuction(reserve=1))
    assert slots.bid("Weber", Bid(5)) == ""
    slots.award()
    (share,) = verdict(slots.host.transcript()).to_json()["award"]["shares"]
    assert (share["goods"], share["pays"]) == ({"slot": 1}, 10)
    assert "gets 10 (slot=1)" in tell(verdict(slots.host.transcript()))


def test_grounds_that_are_too_long_lose_their_figures_and_then_their_places() -> None:
    one = grounds.Ground(
        0, 1, 5, "item-bids", tuple(range(16)), tuple(range(16)), (("price", 5),)
    )
    short, long_, longest = (grounds.pack([one] * n) for n in (10, 350, 900))
    assert grounds.unpack(short)[0] == one
    assert grounds.unpack(long_)[0] == one._replace(figures=())
    assert grounds.unpack(longest)[0] == grounds.Ground(0, 1, 5, "item-bids")
