"""Opponent models watch what a run's strategies offered, and are compared with the truth."""

from pathlib import Path

import pytest

from negotiate.arena import Results
from negotiate.arena.models import TIMES, evaluate
from negotiate.arena.watched import Watched, of_run, of_trace
from negotiate.domain.scenario import Scenario
from negotiate.errors import ArenaError, NegotiateError
from tests.arena.conftest import played, scenario, three
from tests.strategies.test_vast import vast

MODELS = ("bayesian", "smith", "perfect", "worst", "uniform", "opposite")


@pytest.fixture
def results(tmp_path: Path, two: tuple[Scenario, ...]) -> Results:
    return played(tmp_path, two, repetitions=2)


def test_every_seat_of_every_cell_is_watched(results: Results) -> None:
    sessions = list(of_run(results))
    assert len(sessions) == 2 * len(results)
    assert all(0 < at < 1 for session in sessions for at, _ in session.offers)
    assert all(list(s.offers) == sorted(s.offers, key=lambda o: o[0]) for s in sessions)


def test_what_is_watched_is_what_was_played(results: Results) -> None:
    row, session = next(iter(results)), next(of_run(results))
    match = results.replay(row.key)
    offered = [t.outcome for t in match.moves if t.party == 0 and t.outcome is not None]
    assert [outcome for _, outcome in session.offers] == offered
    assert session.strategy == row.seats[0]


def test_a_few_of_each_can_be_watched_alone(results: Results) -> None:
    few = list(of_run(results, each=2))
    seats = [(s.scenario.name, s.party, s.strategy) for s in few]
    assert {seats.count(seat) for seat in seats} == {2}
    assert {s.offers for s in few} <= {s.offers for s in of_run(results)}


def test_progress_is_told(results: Results) -> None:
    told: list[tuple[int, int]] = []
    evaluate(
        of_run(results, each=1),
        ["uniform"],
        progress=lambda done, total: told.append((done, total)),
    )
    assert [done for done, _ in told] == list(range(1, told[0][1] + 1))


def test_three_parties_are_watched_each(tmp_path: Path) -> None:
    run = played(tmp_path, [three("triple")], repetitions=1)
    parties = {session.party for session in of_run(run)}
    assert parties == {0, 1, 2}
    offering = sum(bool(session.offers) for session in of_run(run))
    assert evaluate(of_run(run), ["smith", "opposite"]).at("smith").sessions == offering


def test_the_perfect_model_is_perfect_and_the_worst_is_worst(results: Results) -> None:
    found = evaluate(of_run(results), MODELS)
    for time in TIMES:
        perfect, worst = found.at("perfect", time=time), found.at("worst", time=time)
        assert perfect.spearman == perfect.kendall == pytest.approx((1, 1, 1))
        assert perfect.rmse.mean == pytest.approx(0, abs=1e-9)
        assert worst.spearman.mean == pytest.approx(-1)


def test_a_model_that_tells_nothing_apart_has_no_rank_correlation(results: Results) -> None:
    score = evaluate(of_run(results), MODELS).at("uniform")
    assert score.spearman == score.kendall == (None, None, None)
    assert score.rmse.mean is not None


def test_there_is_a_score_for_every_model_strategy_and_time(results: Results) -> None:
    found = evaluate(of_run(results), MODELS, times=(0.5, 1.0))
    assert len(found.scores) == len(MODELS) * (1 + len(results.strategies)) * 2
    each = [found.at("smith", name).sessions for name in results.strategies]
    assert sum(each) == found.at("smith").sessions


def test_the_mean_over_all_lies_inside_its_interval(results: Results) -> None:
    estimate = evaluate(of_run(results), MODELS).at("bayesian").spearman
    assert estimate.mean is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert -1 <= estimate.low <= estimate.mean <= estimate.high <= 1


def test_one_scenario_gives_no_interval(tmp_path: Path) -> None:
    run = played(tmp_path, [scenario("one")], repetitions=1)
    estimate = evaluate(of_run(run), ["smith"]).at("smith").spearman
    assert estimate.mean is not None
    assert estimate.low is None
    assert estimate.high is None


def test_the_order_of_sessions_changes_nothing(results: Results) -> None:
    sessions = list(of_run(results))
    assert evaluate(sessions, MODELS) == evaluate(sessions[::-1], MODELS)


def test_a_model_is_judged_by_what_it_has_heard_so_far() -> None:
    one = scenario("one")
    best, worst = (0, 0), (10, 2)
    early = Watched(one, 0, "x", ((0.1, best),))
    late = Watched(one, 0, "x", ((0.1, best), (0.6, worst), (0.7, worst)))
    first, second = (evaluate([s], ["smith"], times=(0.5, 1.0)) for s in (early, late))
    assert first.at("smith", time=0.5) == second.at("smith", time=0.5)
    assert (
        first.at("smith", time=1.0).spearman.mean == first.at("smith", time=0.5).spearman.mean
    )
    assert second.at("smith", time=1.0) != first.at("smith", time=1.0)


def test_large_spaces_are_sampled_alike_for_the_same_seed() -> None:
    session = Watched(vast(), 0, "x", ((0.5, (9,) * 12), (0.6, (8,) * 12)))
    one, same, other = (
        evaluate([session], ["smith", "perfect"], seed=seed, limit=500) for seed in (1, 1, 2)
    )
    assert one == same
    assert one.at("smith") != other.at("smith")
    assert one.at("perfect").kendall.mean == 1


def test_a_sample_is_near_the_whole(results: Results) -> None:
    sessions = list(of_run(results))
    whole, part = (evaluate(sessions, ["bayesian"], limit=n, seed=3) for n in (100, 30))
    exact, near = (found.at("bayesian").spearman.mean for found in (whole, part))
    assert exact != near
    assert near == pytest.approx(exact, abs=0.2)


def test_a_conceder_misleads_a_frequency_model() -> None:
    one = scenario("one")
    walk = [(round(0.1 + 0.01 * k, 2), (min(k, 10), min(k // 5, 2))) for k in range(60)]
    found = evaluate([Watched(one, 0, "conceder", tuple(walk))], ["smith", "early_offers"])
    assert ("smith", "conceder") in found.misled
    assert ("early_offers", "conceder") not in found.misled


@pytest.mark.parametrize(
    "wrong",
    [{"times": ()}, {"times": (0.0,)}, {"times": (1.5,)}, {"limit": 1}, {"models": ()}, {"models": ("smyth",)}],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_told(wrong: dict[str, object]) -> None:
    session = Watched(scenario("one"), 0, "x", ((0.5, (0, 0)),))
    with pytest.raises(NegotiateError):
        evaluate([session], **{"models": ("smith",), **wrong})  # type: ignore[arg-type]


def test_nothing_to_watch_is_told() -> None:
    with pytest.raises(ArenaError, match="no offers"):
        evaluate([], ["smith"])
    found = evaluate([Watched(scenario("one"), 0, "x", ((0.5, (0, 0)),))], ["smith"])
    with pytest.raises(ArenaError, match="no score"):
        found.at("cuhk")


# -- files -----------------------------------------------------------------------------------------


def test_a_trace_is_read_with_its_times(tmp_path: Path) -> None:
    path = tmp_path / "Agent.1.tsv"
    path.write_text(
        "round\tparty\n1\t0\t10|red\t1.0\n1\t1\t20|blue\n2\t0\t11|green\nEND\t2\t1\n"
    )
    session = of_trace(path, scenario("one"), 3)
    assert session.strategy == "Agent"
    assert session.offers == ((0.25, (0, 0)), (0.5, (1, 1)))
    assert of_trace(path, scenario("one"), 3, party=1).offers == ((0.25, (10, 2)),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1\t0\n", "line 1: round, party and values"),
        ("1\t0\t10\n", "line 1: 2 values"),
        ("1\t0\t10|pink\n", "line 1: .*pink"),
        ("1\t1\t10|red\n", "no offer of party 0"),
        ("9\t0\t10|red\n", "more than 3 rounds"),
    ],
)
def test_a_trace_that_does_not_fit_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(text)
    with pytest.raises(ArenaError, match=why):
        of_trace(path, scenario("one"), 3)


def test_a_trace_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="does not read"):
        of_trace(tmp_path / "none.tsv", scenario("one"), 3)
