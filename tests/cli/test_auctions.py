"""``nego arena --protocol``, and what ``nego list`` and ``nego check`` say of bidders and markets."""

from pathlib import Path

import pytest

from negotiate import registry
from negotiate.arena.report import render
from negotiate.arena.results import opened
from negotiate.domain.markets import bundled_markets
from negotiate.markets import bidders_for
from tests.cli.conftest import Nego

SALE = (
    "arena", "private-uniform", "--protocol", "sealed-bid[price=second]", "--repetitions", "5",
    "--strategies", "truthful", "first_price_equilibrium",
)  # fmt: skip


def test_json_has_the_published_keys_and_those_of_auctions(nego: Nego, tmp_path: Path) -> None:
    data = nego(*SALE, "--out", str(tmp_path), "--json").data
    assert list(data) == [
        "cells", "played", "failed", "seconds", "ranking", "lead", "note"
    ]  # fmt: skip
    assert list(data["ranking"][0]) == [
        "strategy", "mean_utility", "low", "high", "agreement_rate", "nash_distance",
        "ranks", "best", "bca",
        "profit", "won", "efficiency", "revenue", "revenue_ratio", "regret", "ex_post_regret",
        "curse", "alpha",
    ]  # fmt: skip
    assert data["cells"] == data["played"] == 4 * 5
    assert data["ranking"][0]["efficiency"] == 1.0


def test_the_second_run_plays_nothing(nego: Nego, tmp_path: Path) -> None:
    first = nego(*SALE, "--out", str(tmp_path), "--json").data
    second = nego(*SALE, "--out", str(tmp_path), "--json").data
    assert (second["played"], second["ranking"]) == (0, first["ranking"])


def test_metrics_of_bargaining_are_not_made_up_for_auctions(nego: Nego, tmp_path: Path) -> None:
    nego(*SALE, "--out", str(tmp_path))
    done = nego("report", str(tmp_path), "--metrics")
    assert done.status == 2
    assert done.err.startswith("error[metrics]")


@pytest.mark.parametrize(
    "name",
    [
        *sorted(set(registry.PROTOCOLS) - {"alternating-offers"}), "clock-auction[form=japanese]",
        "scoring[rule=second_score]", "posted-price[seller=True]",
    ],
)  # fmt: skip
def test_every_protocol_has_a_tournament_by_its_name_alone(
    nego: Nego, tmp_path: Path, name: str
) -> None:
    """With its own markets; of the bidders a few, for time."""
    some = bidders_for(registry.protocol(name))[:2]
    assert some
    done = nego(
        "arena", "--protocol", name, "--strategies", *some,
        "--repetitions", "1", "--out", str(tmp_path), "--json",
    )  # fmt: skip
    assert done.data["failed"] == 0, done.err
    assert done.data["cells"] > 0


def test_by_default_those_play_who_know_the_protocol(nego: Nego, tmp_path: Path) -> None:
    words = ("arena", "private-unequal", "--protocol", "english[form=proxy]")
    data = nego(*words, "--repetitions", "1", "--out", str(tmp_path), "--json").data
    assert {row["strategy"] for row in data["ranking"]} == {"proxy", "sniper", "truthful"}
    market = registry.protocol("continuous-market")
    assert {"zic", "zip", "gd", "gdx", "aa", "kaplan"} <= set(bidders_for(market))
    assert bidders_for(registry.protocol("posted-price")) == ("truthful",)
    sellers = bidders_for(registry.protocol("posted-price[seller=True]"))
    assert sellers == ("exp3_price", "gradient_price", "monopoly_price", "ucb_price")


def test_people_see_profit_regret_and_efficiency(nego: Nego, tmp_path: Path) -> None:
    out = nego(*SALE, "--out", str(tmp_path)).out
    assert "mean profit" in out
    assert "efficiency" in out
    assert "20 auctions" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("box-market", "--protocol", "english"), "market", "private-uniform"),
        (("--protocol", "englsh"), "unknown-name", "did you mean 'english'?"),
        (("--protocol", "english[increment=0]"), "rules", "increment is 0"),
        (("--protocol", "english[raise=1]"), "rules", "it takes: form, opening"),
        (("--protocol", "english", "--rounds", "5"), "rules", "alternating-offers[rounds=50]"),
        (("--protocol", "english", "-s", "micro"), "unknown-name", "nego list bidders"),
        (("milk", "--strategies", "zip"), "unknown-name", "nego list strategies"),
        (("no-market", "--protocol", "english"), "unknown-name", "no market"),
    ],
)  # fmt: skip
def test_bad_input_is_told_before_anything_is_written(
    nego: Nego, tmp_path: Path, words: tuple[str, ...], code: str, said: str
) -> None:
    done = nego("arena", *words, "--out", str(tmp_path / "out"))
    assert done.status == 2
    assert done.err.startswith(f"error[{code}]")
    assert said in done.err
    assert not (tmp_path / "out").exists()


def test_rounds_may_stand_in_brackets(nego: Nego, tmp_path: Path) -> None:
    words = ("arena", "milk", "--strategies", "micro", "--repetitions", "1", "--json", "--out")
    plain = nego(*words, str(tmp_path / "a"), "--rounds", "30").data
    named = nego(
        *words, str(tmp_path / "b"), "--protocol", "alternating-offers[rounds=30]"
    ).data
    assert named["ranking"] == plain["ranking"]


def test_the_report_has_prices_instead_of_an_outcome_space(nego: Nego, tmp_path: Path) -> None:
    words = ("symmetric-market", "box-market", "--protocol", "continuous-market")
    nego(
        "arena",
        *words,
        "--strategies",
        "zic",
        "zip",
        "--repetitions",
        "1",
        "--out",
        str(tmp_path),
    )
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page == render(opened(tmp_path))
    assert page.count("Prices in the order of trading") == 2
    assert "competitive equilibrium" in page
    assert "Outcome space" not in page
    command = "nego arena box-market symmetric-market --protocol continuous-market --strategies zic zip"
    assert command in page


def test_lists_of_bidders_and_markets(nego: Nego) -> None:
    bidders = {row["name"]: row for row in nego("list", "bidders", "--json").data}
    assert tuple(bidders) == registry.names("bidders")
    assert bidders["zip"]["plays"] == ["continuous-market"]
    assert all(row["summary"] for row in bidders.values())
    markets = nego("list", "markets", "--json").data
    assert tuple(row["name"] for row in markets) == bundled_markets()


def test_check_takes_bidders_too(nego: Nego) -> None:
    done = nego("check", "zip", "--json")
    assert (done.status, done.data["ok"]) == (0, True)
    assert done.data["facts"]["same_in_other_processes"] is True
    assert nego("check", "zipp").err.startswith("error[unknown-name]")


def test_a_bidder_that_does_not_know_the_protocol_is_told_so(nego, tmp_path):
    done = nego(
        "arena",
        "--protocol",
        "english",
        "-s",
        "zic",
        "truthful",
        "--out",
        str(tmp_path / "run"),
    )
    assert done.status == 2
    assert "error[plays]: 'zic' does not know how to play english" in done.err
    assert "continuous-market" in done.err
