"""The fast engine plays what the reference plays, and a run notices where it does not."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.arena import Tournament, run
from negotiate.arena.columns import sweep
from negotiate.arena.engine import LEAST, audited
from negotiate.arena.lowering import rounds_of, table_of
from negotiate.arena.metrics import Yardstick
from negotiate.domain import bundled, load
from negotiate.domain.listing import listing
from negotiate.errors import ArenaError
from negotiate.match import Table, play
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import STRATEGIES, Spec, strategy
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategy import Brief, Lowered
from tests.arena.conftest import scenario, three
from tests.domain.drawn import parties

TABLES = sorted(
    name
    for name, target in STRATEGIES.items()
    if target.startswith(("time_", "aspir", "bezier"))
)
RULES = AlternatingOffers(rounds=30)


class Liar(TimeDependent):
    """Says that it opens as it does, and does it one round later."""

    def lower(self) -> Lowered | None:
        honest = TimeDependent(self.e, self.k)
        honest.begin(self.brief)
        table = honest.lower()
        assert table is not None
        return Lowered(np.roll(table.offers, 1), table.thresholds)


class Inheriting(TimeDependent):
    """Changes what it does and says nothing of tables."""

    def target(self, time: float) -> float:
        return super().target(time / 2)


class Refusing(TimeDependent):
    def lower(self) -> Lowered | None:
        raise ValueError("no")


class Short(TimeDependent):
    def lower(self) -> Lowered | None:
        return Lowered(np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64))


@given(parties(most=1), st.lists(st.floats(-2e9, 2e9), min_size=1, max_size=20))
def test_many_questions_have_the_answers_of_each(found, utilities):
    own = found[0]
    listed = listing(own)
    assert listed is not None
    asked = np.array([*utilities, *map(float, listed.utilities[:5])])
    at = own.domain.at
    assert [at(p) for p in listed.nearest(asked)] == [own.space.nearest(u) for u in asked]
    least = [None if p < 0 else at(p) for p in listed.lowest_at_or_above(asked)]
    assert least == [own.space.lowest_at_or_above(u) for u in asked]


@pytest.mark.parametrize("name", TABLES)
@given(st.data())
@settings(max_examples=15)
def test_a_table_says_what_the_strategy_does(name, data):
    own = data.draw(parties(least=1, most=1, largest=60))[0]
    rounds = data.draw(st.integers(1, 12))
    rules = AlternatingOffers(rounds=rounds)
    brief = Brief(0, "a", ("a", "b"), own.domain, own, rules)
    made = strategy(name).make()
    made.begin(brief)
    table = made.lower()
    if own.space.max_utility < own.reservation:
        assert table is None
        return
    assert table is not None
    view = rules.start(own.domain, ("a", "b")).view(0)
    for k in range(rounds):
        view.round = k + 1
        assert made.respond(view) == Offer(own.domain.at(int(table.offers[k])))
        for standing in own.domain.outcomes():
            view.standing = standing
            accepts = made.respond(view).kind == "accept"
            assert accepts == (own.utility(standing) >= table.thresholds[k])
        view.standing = None


def test_a_tournament_has_the_same_rows_with_and_without_it(tmp_path):
    tournament = Tournament(bundled(), [*TABLES, "tit_for_tat"], rules=RULES)
    fast = run(tournament, tmp_path / "fast", workers=0)
    slow = run(tournament, tmp_path / "slow", workers=0, lowered=False)
    assert fast.digest() == slow.digest()
    files = [(tmp_path / name / "results.sqlite").read_bytes() for name in ("fast", "slow")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "rules",
    [
        AlternatingOffers(rounds=1),
        AlternatingOffers(rounds=7, discounting="round"),
        AlternatingOffers(rounds=20, consent="majority"),
        AlternatingOffers(rounds=20, breakdown=50_000),
        AlternatingOffers(rounds=20, time_limit=60_000),
    ],
)
def test_other_rules_give_the_same_rows_too(tmp_path, rules):
    tournament = Tournament(["ev-charging", three("three")], TABLES[:6], rules=rules)
    fast = run(tournament, tmp_path / "fast", workers=0)
    slow = run(tournament, tmp_path / "slow", workers=0, lowered=False)
    assert fast.digest() == slow.digest()


def test_it_is_left_to_the_reference_what_has_no_closed_form():
    assert rounds_of(RULES, scenario("two")) == 30
    assert rounds_of(RULES, three("three")) == 0
    assert rounds_of(AlternatingOffers(rounds=30, breakdown=1), scenario("two")) == 0
    assert rounds_of(AlternatingOffers(rounds=30, time_limit=1), scenario("two")) == 0


def test_a_strategy_that_was_changed_is_played_and_not_read(tmp_path):
    specs = [Spec("changed", Inheriting), Spec("plain", TimeDependent), Spec("no", Refusing)]
    tournament = Tournament([scenario("one")], specs, rules=RULES)
    fast = run(tournament, tmp_path / "fast", workers=0)
    slow = run(tournament, tmp_path / "slow", workers=0, lowered=False)
    assert fast.digest() == slow.digest()
    assert {cell.key for cell in tournament.cells if set(cell.seats) == {"plain"}} == audited(
        tournament.cells, {spec.id: spec for spec in specs[:2]} | {"no": specs[0]}
    )


def test_a_table_that_says_something_else_fails_the_run_and_names_the_cell(tmp_path):
    specs = [Spec("liar", Liar), Spec("plain", TimeDependent)]
    tournament = Tournament([scenario("one")], specs, rules=RULES)
    with pytest.raises(ArenaError, match=r"disagree about .*one") as caught:
        run(tournament, tmp_path, workers=0)
    assert caught.value.code == "parity"
    assert any(cell.key in str(caught.value) for cell in tournament.cells)


def test_the_sample_is_at_least_64_cells_and_one_in_a_hundred():
    names = [f"time_dependent[e={k}]" for k in range(1, 21)]
    for repetitions, expected in ((1, LEAST), (20, 80)):
        tournament = Tournament([scenario("one")], names, rules=RULES, repetitions=repetitions)
        specs = {spec.id: spec for spec in tournament.specs}
        assert len(audited(tournament.cells, specs)) == expected


def test_worker_processes_use_it_too(tmp_path):
    tournament = Tournament(["milk", "printer-toner"], TABLES[:5], rules=RULES, repetitions=2)
    here = run(tournament, tmp_path / "here", workers=0)
    specs = tuple(tournament.specs)
    assert pickle.loads(pickle.dumps(specs)) == specs
    there = run(tournament, tmp_path / "there", workers=1)
    assert here.digest() == there.digest()


def test_a_sweep_has_the_results_and_the_metrics_of_the_reference():
    names = ["genius-boulware", "genius-conceder", "negmas-linear", "negolog-boulware"]
    tables = [load("ev-charging"), load("milk"), scenario("high", floor=9)]
    found = sweep(tables, names, rules=RULES, seed=3)
    assert len(found) == 3 * 16
    assert found.audited == 48
    for i in range(len(found)):
        table = tables[found.scenario[i]]
        seats = [strategy(found.strategies[seat]).make() for seat in found.seats[i]]
        match = play(RULES, table, seats, seed=0)
        assert tuple(found.utilities[i]) == match.utilities
        assert found.rounds[i] == match.rounds
        assert found.agreed[i] == (match.agreement is not None)
        metrics = Yardstick(table).measure(match.utilities)
        assert found.welfare[i] == metrics.welfare
        assert found.nash_product[i] == pytest.approx(metrics.nash_product)
        assert found.pareto_distance[i] == pytest.approx(metrics.pareto_distance, abs=1e-12)
        near = np.nan if metrics.nash_distance is None else metrics.nash_distance
        assert found.nash_distance[i] == pytest.approx(near, nan_ok=True)
    means = found.mean_utility()
    first = found.utilities[found.seats[:, 0] == 0, 0]
    second = found.utilities[found.seats[:, 1] == 0, 1]
    assert means["genius-boulware"] == pytest.approx(np.mean([*first, *second]) / 1e9)


@pytest.mark.parametrize(
    ("specs", "rules", "code"),
    [
        ([Spec("liar", Liar)], RULES, "parity"),
        (["micro"], RULES, "lowered"),
        ([Spec("changed", Inheriting)], RULES, "lowered"),
        ([Spec("short", Short)], RULES, "lowered"),
        (["genius-linear"], AlternatingOffers(rounds=9, breakdown=1), "lowered"),
        ([], RULES, "scenarios"),
    ],
)
def test_a_sweep_refuses_what_it_cannot_play(specs, rules, code):
    with pytest.raises(ArenaError) as caught:
        sweep([scenario("one")], specs, rules=rules)
    assert caught.value.code == code


def test_a_table_is_asked_for_with_the_brief_of_the_match():
    table = scenario("one")
    seen = []

    class Looks(TimeDependent):
        def begin(self, brief: Brief) -> None:
            super().begin(brief)
            seen.append(brief)

    match = Table(RULES, table, [Looks(), TimeDependent()], seed=5)
    match.play()
    table_of(Looks(), RULES, table, 0, 5)
    assert seen[0] == seen[1]
