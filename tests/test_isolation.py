"""A strategy cannot reach what its rival keeps private, and scribbling over what it is handed wins it nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from negotiate import Match, play, registry
from negotiate.checks.cases import random_scenario
from negotiate.checks.reach import reachable
from negotiate.domain import Domain, Integer, Linear, LinearAdditive, Scenario
from negotiate.match import Table as MatchTable
from negotiate.moves import Offer
from negotiate.protocol import Agreement, Negotiation, Result, View
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategy import Brief, Strategy
from negotiate.testing import Agrees, Insists, Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from negotiate.moves import Move

BUILT_IN = [name for name, target in registry.STRATEGIES.items() if ":" in target]


class Curious(Strategy):
    """Plays as ``inner`` does, and at every turn looks at everything that it can reach.

    It looks at what it was handed, not at itself: the test holds on to it.
    """

    def __init__(self, inner: Strategy) -> None:
        self.inner = inner
        self.found: dict[int, object] = {}

    def look(self, *handed: object) -> None:
        self.found |= {id(thing): thing for thing in reachable(*handed)}

    def begin(self, brief: Brief) -> None:
        self.inner.begin(brief)
        self.brief = brief
        self.look(brief)

    def respond(self, view: View) -> Move:
        _ = view.turns, view.received, view.sent
        move = self.inner.respond(view)
        if view.round < 4 or view.round % 10 == 0:
            self.look(self.brief, view)
        return move

    def end(self, result: Result) -> None:
        self.inner.end(result)
        self.look(self.brief, result)


def secrets(scenario: Scenario, own: int, players: list[Strategy]) -> dict[int, str]:
    """What the party must not come across, by id."""
    found = {id(scenario): "the scenario", id(scenario.twin): "the judge's scenario"}
    for party, role in enumerate(scenario.roles):
        found[id(scenario.twin.roles[party])] = "the judge's role"
        found[id(scenario.twin.preferences[party])] = "the judge's preferences"
        found[id(role)] = f"role {party}"
        if party != own:
            private = role.preferences
            found |= {
                id(private): "the rival's preferences",
                id(private.terms): "the rival's terms",
            }
            found |= {id(table): "the rival's table" for table in private.tables if table}
            found |= {
                id(thing): "the rival" for thing in (players[party], vars(players[party]))
            }
    return found


def look_around(name: str, rules: AlternatingOffers, parties: int, own: int) -> list[str]:
    """What a party finds that it must not, when all play the strategy called ``name``."""
    scenario = random_scenario(7, parties * 10 + own, parties=parties)
    spec = registry.strategy(name)
    curious = Curious(spec.make())
    players: list[Strategy] = [spec.make() for _ in range(parties)]
    players[own] = curious
    clock = iter(range(10**6))
    for _ in range(2):  # twice: what the first match leaves behind could lead somewhere
        play(rules, scenario, players, clock=lambda: next(clock))
    private = secrets(scenario, own, players)
    found = [private[key] for key in curious.found if key in private]
    for thing in curious.found.values():
        if isinstance(thing, (Negotiation, MatchTable, Scenario)):
            found.append(type(thing).__name__)
        if isinstance(thing, View) and thing.party != own:
            found.append("another's view")
        if isinstance(thing, LinearAdditive) and thing is not curious.brief.preferences:
            found.append("other preferences")
    return found


@pytest.mark.parametrize("own", [0, 1])
@pytest.mark.parametrize("name", BUILT_IN)
def test_nothing_that_a_party_is_handed_leads_to_its_rival(name: str, own: int) -> None:
    assert look_around(name, AlternatingOffers(rounds=30), 2, own) == []


@pytest.mark.parametrize(
    "rules",
    [
        AlternatingOffers(rounds=20, consent="majority", breakdown=10_000),
        AlternatingOffers(rounds=None, time_limit=300),
    ],
    ids=["majority", "time"],
)
def test_nor_to_any_of_several(rules: AlternatingOffers) -> None:
    assert look_around("random", rules, 4, 2) == []


def test_the_walker_finds_what_hides() -> None:
    """So that the tests above mean something: each of these hiding places is looked into."""
    secret = LinearAdditive(random_scenario(1, 1).domain, {})

    class Slotted:
        __slots__ = ("inside",)

    slotted = Slotted()
    slotted.inside = secret  # type: ignore[attr-defined]

    def closed() -> object:
        return secret

    def defaulted(_: object = secret) -> None: ...

    def generator() -> Iterator[object]:
        held = secret
        yield 1
        yield held

    running = generator()
    next(running)

    class WithProperty:
        @property
        def shown(self) -> object:
            return secret

    places: dict[str, object] = {
        "list": [[secret]],
        "dict value": {"a": {"b": secret}},
        "attribute": type("Thing", (), {})(),
        "slot": slotted,
        "closure": closed,
        "default": defaulted,
        "bound method": secret.twin,
        "compiled bound method": [secret].append,
        "generator": running,
        "property": WithProperty(),
        "cached method of a dictionary": {1: secret}.get,
    }
    places["attribute"].x = secret  # type: ignore[attr-defined]
    for name, place in places.items():
        assert any(thing is secret for thing in reachable(place)), name


# -- scribbling ------------------------------------------------------------------------------------


class Scribbler(Agrees):
    """Assigns to every attribute and empties every list and dictionary that it can reach, each turn."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        self.deface(brief)

    def respond(self, view: View) -> Move:
        move = super().respond(view)
        _ = view.turns, view.received
        self.deface(self.brief, view)
        return move

    def end(self, result: Result) -> None:
        self.deface(self.brief, result)

    def deface(self, *handed: object) -> None:
        things = list(reachable(*handed))
        namespaces = {id(vars(thing)) for thing in things if hasattr(thing, "__dict__")}
        for thing in things:
            if id(thing) in namespaces:
                continue  # assigning to attributes is tried below, as assignment
            if isinstance(thing, list):
                thing[:] = [None]
            elif isinstance(thing, dict):
                for key in list(thing):
                    thing[key] = 10**13
            elif type(thing).__module__.startswith("negotiate"):
                self.overwrite(thing)

    def overwrite(self, thing: object) -> None:
        slots = [name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())]
        for name in [*slots, *getattr(thing, "__dict__", ())]:
            for junk in (10**13, None):
                try:
                    setattr(thing, name, junk)
                except Exception:  # noqa: S112 - that it cannot is what we hope for
                    continue


def deal(rogue: Strategy, seat: int, number: int) -> tuple[Match, Scenario]:
    """The rogue sits opposite a strategy that makes the same offer, and both agree in the second turn."""
    scenario = random_scenario(3, number)
    honest = Scripted([scenario.domain.at(0)], then=Offer(scenario.domain.at(0)))
    players = [honest, rogue] if seat else [rogue, honest]
    return play(AlternatingOffers(rounds=5), scenario, players, seed=1), scenario


def true_worth(match: Match, number: int) -> tuple[int, ...]:
    """What the match is worth by preferences that nobody has had in hands."""
    fresh = random_scenario(3, number).preferences
    if not isinstance(match.result, Agreement):
        return tuple(own.reservation for own in fresh)
    outcome, time = match.result.outcome, match.result.time
    return tuple(own.discounted(own.utility(outcome), time) for own in fresh)


@pytest.mark.parametrize("seat", [0, 1])
@pytest.mark.parametrize("number", range(5))
def test_scribbling_changes_nothing_in_the_result(number: int, seat: int) -> None:
    defaced, _ = deal(Scribbler(), seat, number)
    plain, _ = deal(Agrees(), seat, number)
    if defaced.fault is None:
        assert defaced == plain
    else:  # it broke its own preferences, and loses its own match
        assert defaced.fault == seat
    assert defaced.utilities == true_worth(defaced, number)


@pytest.mark.parametrize("seat", [0, 1])
def test_scribbling_changes_nothing_for_the_rival(seat: int) -> None:
    scenario = random_scenario(3, 2)
    rival = registry.strategy("genius-conceder").make()
    watcher = Curious(rival)
    players = [watcher, Scribbler()] if seat else [Scribbler(), watcher]
    play(AlternatingOffers(rounds=5), scenario, players)
    fresh = random_scenario(3, 2)
    brief = watcher.brief
    assert (brief.domain, brief.rules.model_dump()) == (
        fresh.domain,
        AlternatingOffers(rounds=5).model_dump(),
    )
    own = brief.preferences
    outcomes = list(fresh.domain.outcomes())
    truth = fresh.preferences[1 - seat]
    assert [own.utility(o) for o in outcomes] == [truth.utility(o) for o in outcomes]
    assert (own.reservation, own.discount) == (truth.reservation, truth.discount)


class Forger(Agrees):
    """Goes behind the interface to make itself rich: Python lets it, and it does not help."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        own = brief.preferences
        _ = own.utility, own.space
        for name, value in {
            "utility": lambda _: 10**12,
            "reservation": 10**12,
            "tables": ((10**12,) * 99,) * 9,
            "discount": 1,
        }.items():
            object.__setattr__(own, name, value)
            vars(own)[name] = value
        vars(brief.domain)["sizes"] = (10**6,) * len(brief.domain.issues)
        vars(brief.rules)["rounds"] = 10**6

    def respond(self, view: View) -> Move:
        view.rounds = 10**6
        return (
            super().respond(view)
            if view.standing
            else Offer((999,) * len(self.brief.domain.sizes))
        )

    def end(self, result: Result) -> None:
        if isinstance(result, Agreement):
            object.__setattr__(result, "time", 0.0)
            object.__setattr__(result, "outcome", (0,) * 99)


@pytest.mark.parametrize("number", range(5))
def test_forging_its_own_preferences_wins_nothing(number: int) -> None:
    match, _ = deal(Forger(), 1, number)
    plain, _ = deal(Agrees(), 1, number)
    assert match == plain
    assert match.utilities == true_worth(match, number)


def test_forging_the_rules_changes_them_for_nobody_else() -> None:
    rules = AlternatingOffers(rounds=5)
    seen: list[int | None] = []

    class Reader(Agrees):
        def begin(self, brief: Brief) -> None:
            super().begin(brief)
            seen.append(brief.rules.steady_rounds)

    for _ in range(2):
        play(rules, random_scenario(3, 1), [Forger(), Reader()])
    assert (rules.rounds, seen) == (5, [5, 5])


def test_forging_the_domain_does_not_open_it() -> None:
    match, _ = deal(Forger(), 0, 1)
    assert (match.fault, match.error is not None and match.error.split(":")[0]) == (
        0,
        "off-domain",
    )


def test_preferences_say_that_they_do_not_change() -> None:
    own = random_scenario(1, 1).preferences[0]
    with pytest.raises(AttributeError, match="'reservation' cannot be set"):
        own.reservation = 0


def test_the_table_of_a_long_price_list_cannot_be_written() -> None:
    domain = Domain((Integer("price", 0, 9999),))
    own = LinearAdditive(domain, {"price": (1, Linear(Fraction(0), Fraction(1)))})
    table: Any = own.tables[0]
    with pytest.raises(TypeError):
        table[0] = 5
    assert isinstance(table.obj, bytes)


def test_an_insisting_rival_gets_the_same_beside_a_scribbler_in_the_next_match() -> None:
    scenario = random_scenario(3, 4)
    rules = AlternatingOffers(rounds=5)
    before = play(rules, scenario, [Insists(), Agrees()])
    play(rules, scenario, [Insists(), Scribbler()])
    after = play(rules, scenario, [Insists(), Agrees()])
    assert after == before
