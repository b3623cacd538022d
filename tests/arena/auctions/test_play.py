"""Tournaments of auctions: who sits where, the same cells everywhere, and bidders that fail."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from negotiate import registry
from negotiate.arena import Limits, Tournament, run
from negotiate.arena.auctions.results import AuctionResults
from negotiate.domain.distributions import Uniform
from negotiate.domain.markets import Market, load_market
from negotiate.domain.values import PrivateValues, Schedule
from negotiate.errors import ArenaError, LocalError, StrategyError, UnknownName
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.english import English
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.strategies.micro import Micro
from tests.arena.auctions import rogues

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.bidder import Bidder
    from negotiate.protocol import Protocol

LOT = Market("lot", PrivateValues((Uniform(0, 1000),)), 3)
PIT = Market("pit", Schedule((300, 200), (100, 150)), 8)
SECOND = SealedBid(price="second")
LIMITS = Limits(move=0.3, begin=1.0)


def plan(
    rules: Protocol = SECOND,
    *bidders: str | type[Bidder],
    market: Market = LOT,
    repetitions: int = 1,
) -> Tournament:
    return Tournament(
        [market], bidders or ("truthful", "all_pay"), rules, repetitions=repetitions
    )


def held(tmp: Path, tournament: Tournament, workers: int = 0) -> AuctionResults:
    results = run(tournament, tmp, workers=workers, limits=LIMITS)
    assert isinstance(results, AuctionResults)
    return results


def sha(folder: Path) -> str:
    return hashlib.sha256((folder / "results.sqlite").read_bytes()).hexdigest()


# Who sits where


def test_in_an_auction_each_comes_to_a_field_of_each_and_the_seat_goes_round() -> None:
    cells = plan(repetitions=4).cells
    assert len(cells) == 4 * 4
    mixed = [cell for cell in cells if len(set(cell.seats)) == 2]
    for cell in mixed:
        alone = cell.seats[cell.repetition % 3]
        assert Counter(cell.seats)[alone] == 1


def test_in_a_market_twins_play_both_strategies_and_then_the_other_way_round() -> None:
    cells = plan(ContinuousMarket(), "zic", "zip", market=PIT).cells
    seats = {cell.seats for cell in cells}
    assert seats == {
        ("zic",) * 8, ("zip",) * 8, ("zic", "zip") * 4, ("zip", "zic") * 4,
    }  # fmt: skip


def test_where_limits_have_no_twins_one_buys_and_the_other_sells() -> None:
    pit = Market("pit", Schedule((300, 200), (100,), twins=1), 3)
    cells = plan(ContinuousMarket(), "zic", "zip", market=pit).cells
    assert ("zic", "zic", "zip") in {cell.seats for cell in cells}
    assert ("zip", "zip", "zic") in {cell.seats for cell in cells}


def test_all_pairs_meet_the_same_stakes(tmp_path: Path) -> None:
    results = held(tmp_path, plan(SECOND, "truthful", "first_price_equilibrium"))
    assert len({sale.best_gains for sale in results.sales}) == 1


def test_amounts_that_are_not_given_fit_the_market_and_make_the_key() -> None:
    def keys(rules: Protocol) -> set[str]:
        return {cell.key for cell in plan(rules, "truthful", "sniper").cells}

    assert keys(English()) == keys(English(increment=10, end=200_000))
    assert keys(English()).isdisjoint(keys(English(increment=1)))


# The same everywhere


@pytest.mark.parametrize("rules", [SECOND, ContinuousMarket()], ids=["auction", "market"])
def test_the_file_is_the_same_on_any_number_of_workers(tmp_path: Path, rules: Protocol) -> None:
    market = LOT if rules is SECOND else load_market("two-sided-uniform")
    bidders = (
        ("truthful", "zic") if rules is not SECOND else ("truthful", "first_price_equilibrium")
    )
    for workers in (0, 1, 2):
        held(tmp_path / str(workers), plan(rules, *bidders, market=market), workers)
    assert len({sha(tmp_path / str(workers)) for workers in (0, 1, 2)}) == 1


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    held(tmp_path / "a", plan(repetitions=2))
    more = held(tmp_path / "a", plan(repetitions=5))
    assert (more.played, len(more)) == (3 * 4, 5 * 4)
    held(tmp_path / "b", plan(repetitions=5))
    assert sha(tmp_path / "a") == sha(tmp_path / "b")
    assert held(tmp_path / "a", plan(repetitions=5)).played == 0


def test_any_auction_is_held_again_with_the_same_moves(tmp_path: Path) -> None:
    results = held(tmp_path, Tournament(["private-uniform"], ["proxy", "sniper"], English()))
    for row in results.rows:
        assert results.replayed(row.key).digest == row.digest


def test_auctions_and_bargaining_do_not_share_a_file(tmp_path: Path) -> None:
    held(tmp_path, plan())
    with pytest.raises(ArenaError, match="another kind of game"):
        run(Tournament(["milk"], ["micro"]), tmp_path, workers=0)


# Bidders that fail


@pytest.mark.parametrize(
    ("rogue", "reason", "error"),
    [
        (rogues.Raises, "error", "ValueError: no idea"),
        (rogues.RaisesAtTheBeginning, "error", "ValueError: not today"),
        (rogues.BidsNonsense, "illegal-move", "amount: the rules refused its bid"),
    ],
)
def test_a_failure_is_a_row_with_its_reason_and_the_others_play_on(
    tmp_path: Path, rogue: type[Bidder], reason: str, error: str
) -> None:
    results = held(tmp_path, plan(SECOND, "truthful", rogue, repetitions=2))
    spoilt = [
        (row, sale) for row, sale in zip(results.rows, results.sales, strict=True) if row.error
    ]
    assert len(spoilt) == 2 * 3
    for row, sale in spoilt:
        assert (row.reason, row.error) == (reason, error)
        assert row.fault is not None
        assert row.seats[row.fault].endswith(rogue.__name__)
        assert sale.trades == any(name == "truthful" for name in row.seats)


def test_the_honest_get_what_they_get_without_the_one_that_fails(tmp_path: Path) -> None:
    pair = ("truthful", "first_price_equilibrium")
    clean = held(tmp_path / "clean", plan(SealedBid(), *pair, repetitions=6))
    mixed = held(tmp_path / "mixed", plan(SealedBid(), *pair, rogues.Raises, repetitions=6))
    honest = {one.strategy: one.mean_utility for one in clean.standings.standings}
    found = {one.strategy: one.mean_utility for one in mixed.standings.standings}
    assert {name: found[name] for name in honest} == honest


def test_a_failure_in_the_end_leaves_the_deal(tmp_path: Path) -> None:
    results = held(tmp_path, plan(SECOND, rogues.RaisesInTheEnd))
    (row,) = results.rows
    assert (row.reason, results.sales[0].trades) == ("accept", 1)
    assert row.error == "in end(): ValueError: a bad loser"


def test_who_breaks_a_rule_keeps_its_losses_and_not_its_gains(tmp_path: Path) -> None:
    results = held(tmp_path, plan(SealedBid(), rogues.BidsNonsense))
    assert results.rows[0].utilities == (0, 0, 0)
    english = English(end=5000, identities=True)
    row = held(tmp_path / "e", plan(english, rogues.Overbids)).rows[0]
    assert row.fault is not None
    assert min(row.utilities) == -1000 * 10**9  # where losses end to count


@pytest.mark.skipif(sys.platform == "win32", reason="needs timers of POSIX")
@pytest.mark.parametrize("workers", [0, 1])
def test_one_that_takes_too_long_ends_its_own_cells(tmp_path: Path, workers: int) -> None:
    results = held(tmp_path, plan(SECOND, "truthful", rogues.Sleeps), workers)
    late = [row for row in results.rows if row.reason == "timeout"]
    assert len(late) == 3
    assert {row.error for row in late} == {"took more than 0.3 s for one move"}
    assert all(row.seats[row.fault or 0].endswith("Sleeps") for row in late)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_one_that_kills_its_process_is_found(tmp_path: Path) -> None:
    results = held(tmp_path, plan(SECOND, "truthful", rogues.Exits), workers=1)
    dead = [row for row in results.rows if row.error]
    assert len(dead) == 3
    assert {row.error for row in dead} == {"its process ended with status 7"}


# What cannot be


def test_what_does_not_go_together_is_told_before_anything_is_played() -> None:
    with pytest.raises(LocalError, match="buyers and sellers; english is for a sale"):
        _ = plan(English(), market=PIT).cells
    with pytest.raises(UnknownName, match="strategy of bargaining; a bidder for auctions"):
        _ = plan(SECOND, "micro").specs
    with pytest.raises(ArenaError, match="played by a bidder"):
        _ = plan(SECOND, Micro).specs  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(UnknownName, match="bidder for auctions and markets; a strategy"):
        _ = Tournament(["milk"], ["zip"]).specs


def test_names_are_told_apart_also_where_a_class_is_named() -> None:
    with pytest.raises(StrategyError, match="is a strategy of bargaining"):
        registry.bidder("negotiate.strategies.micro:Micro")
    with pytest.raises(StrategyError, match="is a bidder for auctions"):
        registry.strategy("negotiate.strategies.bidding.truthful:Truthful")
    with pytest.raises(UnknownName, match="did you mean 'sniper'"):
        registry.bidder("snipper")
