"""What the named agents do that recorded runs on one domain cannot show."""

from fractions import Fraction

import pytest

from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.match import play
from negotiate.moves import Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import STRATEGIES, strategy
from negotiate.strategies.anac.chargingboul import ChargingBoul
from negotiate.strategies.anac.dreamteam109 import DreamTeam109
from negotiate.strategies.anac.ponpoko import PonPoko
from negotiate.strategies.memory import Encounter, Memory
from negotiate.strategy import Brief

NAMED = [n for n, target in STRATEGIES.items() if ".anac." in target]
DOMAIN = Domain(tuple(Choice(name, tuple("abcdefgh")) for name in ("x", "y", "z")))


def preferences(order: int, reservation: float = 0.0, discount: float = 1.0) -> LinearAdditive:
    values = [Fraction(k * (3 * k + 4), 7 * 25) for k in range(8)]
    weights = (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5))
    terms = {
        name: (weight, Table(tuple(values[::order])))
        for name, weight in zip("xyz", weights[::order], strict=True)
    }
    return LinearAdditive(
        DOMAIN, terms, reservation=Fraction(reservation), discount=Fraction(discount)
    )


def scenario(reservation: float = 0.0, discount: float = 1.0) -> Scenario:
    roles = (
        Role("buyer", preferences(1, reservation, discount)),
        Role("seller", preferences(-1, reservation, discount)),
    )
    return Scenario("three issues", DOMAIN, roles)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("seat", [0, 1])
@pytest.mark.parametrize("discount", [1.0, 0.6, 0.2])
def test_it_offers_and_accepts_nothing_below_its_reservation_value(name, seat, discount):
    rivals = [strategy(name).make(), strategy("genius-linear").make()]
    ordered = rivals if seat == 0 else rivals[::-1]
    table = scenario(0.45, discount)
    match = play(AlternatingOffers(rounds=60), table, ordered, seed=seat)
    own = table.preferences[seat]
    assert match.fault is None, match.error
    offers = [t.outcome for t in match.moves if t.party == seat and t.outcome is not None]
    assert all(own.utility(outcome) >= own.reservation for outcome in offers)
    if match.agreement is not None:
        assert own.utility(match.agreement) >= own.reservation


@pytest.mark.parametrize("name", NAMED)
def test_it_walks_where_nothing_reaches_the_reservation_value(name):
    own = preferences(1, 2.0)
    agent, rules = strategy(name).make(), AlternatingOffers(rounds=5)
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, rules))
    assert isinstance(agent.respond(rules.start(DOMAIN, ("a", "b")).view(0)), Walk)


@pytest.mark.parametrize("name", NAMED)
def test_it_plays_at_a_table_of_three(name):
    roles = (
        Role("a", preferences(1)), Role("b", preferences(-1)), Role("c", preferences(1))
    )  # fmt: skip
    table = Scenario("three parties", DOMAIN, roles)
    agents = [strategy(n).make() for n in (name, "genius-conceder", name)]
    match = play(AlternatingOffers(rounds=40), table, agents)
    assert match.fault is None, match.error


@pytest.mark.parametrize("name", NAMED)
def test_it_plays_by_the_clock(name):
    clock = iter(range(0, 10**9, 7))
    agents = [strategy(name).make(), strategy("genius-conceder").make()]
    rules = AlternatingOffers(rounds=None, time_limit=3000)
    match = play(rules, scenario(), agents, clock=lambda: next(clock))
    assert match.fault is None, match.error


@pytest.mark.parametrize("name", ["cuhkagent", "atlas3", "hardheaded"])
def test_a_discount_factor_makes_it_agree_earlier(name):
    def ended(discount: float) -> int:
        agents = [strategy(name).make(), strategy("genius-linear").make()]
        return play(AlternatingOffers(rounds=100), scenario(0.0, discount), agents).rounds

    assert ended(0.3) < ended(1.0)


def test_cuhkagent_yields_a_little_in_a_large_domain():
    domain = Domain(tuple(Choice(f"i{j}", tuple("abcdefgh")) for j in range(4)))
    values = Table(tuple(Fraction(k, 7) for k in range(8)))
    own = LinearAdditive(domain, {f"i{j}": (Fraction(1, 4), values) for j in range(4)})
    other = LinearAdditive(
        domain, {f"i{j}": (Fraction(1, 4), Table(values.values[::-1])) for j in range(4)}
    )
    table = Scenario("large", domain, (Role("a", own), Role("b", other)))
    agents = [strategy("cuhkagent").make(), strategy("genius-conceder").make()]
    match = play(AlternatingOffers(rounds=200), table, agents, seed=1)
    lowest = min(own.utility(t.outcome) for t in match.moves if t.party == 0 and t.outcome)
    assert 0.9 <= lowest / 1e9 <= 0.97


def test_dreamteam_yields_only_to_those_with_whom_it_failed():
    def agreed(memory: Memory | None) -> bool:
        agents = [DreamTeam109(memory=memory), strategy("genius-hardliner").make()]
        return play(AlternatingOffers(rounds=30), scenario(), agents).agreement is not None

    failures = Memory([Encounter(0.0, agreed=False)] * 3)
    assert not agreed(None)
    assert agreed(failures)


def test_dreamteam_remembers_what_an_encounter_brought():
    memory = Memory()
    agents = [DreamTeam109(memory=memory), strategy("genius-conceder").make()]
    match = play(AlternatingOffers(rounds=50), scenario(), agents)
    assert [e.utility for e in memory.encounters] == [match.utilities[0] / 1e9]
    agents = [DreamTeam109(memory=memory), strategy("genius-hardliner").make()]
    play(AlternatingOffers(rounds=5), scenario(), agents)
    assert not memory.encounters[-1].agreed


def test_chargingboul_learns_how_an_opponent_concedes():
    memory = Memory()
    for _ in range(2):
        agents = [ChargingBoul(memory=memory), strategy("genius-linear").make()]
        play(AlternatingOffers(rounds=200), scenario(), agents)
    assert memory.encounters[0].notes["aui"] > 0


@pytest.mark.parametrize(
    ("notes", "least", "settles"),
    [
        ({"ubi": 6.0, "aui": 0.0}, 0.5, True),
        ({"ubi": 0.0, "aui": 3.0}, 0.4, False),
        ({}, 0.5, False),
    ],
)
def test_chargingboul_judges_an_opponent_by_the_last_encounter(notes, least, settles):
    agent = ChargingBoul(memory=Memory([Encounter(0.5, agreed=True, notes=notes)]))
    agents = [agent, strategy("genius-boulware").make()]
    match = play(AlternatingOffers(rounds=100), scenario(), agents)
    assert match.fault is None
    assert (agent.settles <= 1) is settles
    assert agent.least == least or agent.least == 0.3


def test_ponpoko_draws_every_pattern():
    drawn = set()
    for seed in range(40):
        agent = PonPoko()
        agent.begin(
            Brief(0, "a", ("a", "b"), DOMAIN, preferences(1), AlternatingOffers(), seed)
        )
        drawn.add(agent.pattern)
    assert len(drawn) == 5


def test_agentk_offers_again_what_it_was_offered_above_its_target():
    rules = AlternatingOffers(rounds=10)
    agent, negotiation = strategy("agentk").make(), rules.start(DOMAIN, ("a", "b"))
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, preferences(1), rules))
    negotiation.push(0, agent.respond(negotiation.view(0)))
    negotiation.push(1, Offer((6, 7, 7)))
    assert agent.respond(negotiation.view(0)).kind in {"accept", "offer"}
