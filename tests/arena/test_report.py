"""The page as a whole: its figures are those of the results, and no text in it can do harm."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from negotiate.arena import Results, Tournament, run
from negotiate.arena.ranking import advice, span
from negotiate.arena.report import FILE, render, write
from negotiate.arena.report.headline import headline
from negotiate.arena.report.how import how
from negotiate.arena.report.sections import MOST_REPLAYS, replays
from negotiate.arena.statistics import by_scenario
from negotiate.domain import (
    Choice,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Role,
    Scenario,
    Table,
    bundled,
    load,
)
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.moves import Move, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategy import Strategy, View
from tests.arena.reading import Page

NASTY = "<img src=x onerror=hacked=1>\"'&\u202e"
WORDS = "</script><script>hacked = 1</script><b>\u202e\x1b[31m"


class Raises(Strategy):
    """Raises an exception whose text wants to be markup."""

    def respond(self, view: View) -> Move:
        raise ValueError(WORDS)


class Stubborn(Strategy):
    """Offers the same all the time, and agrees to nothing."""

    def respond(self, view: View) -> Move:
        return Offer((0,) * len(self.brief.domain.issues))


def nasty_scenario() -> Scenario:
    domain = Domain(
        (Integer("price", 0, 10), Choice("<i>colour", ("<b>red", WORDS[:20]))), name=NASTY
    )
    up, down = Linear(Fraction(0), Fraction(1)), Linear(Fraction(1), Fraction(0))
    red = Table((Fraction(1), Fraction(0)))
    buyer = LinearAdditive(
        domain, {"price": (0.6, down), "<i>colour": (0.4, red)}, reservation=0.2
    )
    seller = LinearAdditive(domain, {"price": (1, up)}, reservation=0.1)
    roles = (Role("<u>buyer", buyer), Role("seller", seller))
    return Scenario(NASTY, domain, roles, description=NASTY)


def played(
    folder: Path,
    scenarios: Sequence[Any],
    strategies: Sequence[Any],
    rounds: int = 20,
    **more: Any,
) -> Results:
    tournament = Tournament(
        scenarios, strategies, rules=AlternatingOffers(rounds=rounds), **more
    )
    return run(tournament, folder, workers=0)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Results:
    names = ("genius-boulware", "genius-conceder", "micro", "random")
    scenarios = (
        "milk",
        "printer-toner",
        "shared-van",
        "spare-part",
        "ev-charging",
        "washing-powder",
    )
    return played(tmp_path_factory.mktemp("small"), scenarios, names, 50, repetitions=2)


@pytest.fixture(scope="module")
def page(small: Results) -> Page:
    return Page(render(small))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Results:
    specs = (
        Spec(NASTY, Raises),
        Spec("</script><script>", TimeDependent, (("e", 1.0),)),
        Spec("s", Stubborn),
    )
    return played(tmp_path_factory.mktemp("hostile"), [nasty_scenario(), "milk"], specs)


def three(number: float | None) -> str:
    assert number is not None
    return f"{number:.3f}"


def test_leaderboard_shows_the_standings(small: Results, page: Page) -> None:
    rows = page.rows("leaderboard")
    for row, one in zip(rows, small.standings.standings, strict=True):
        place, strategy, mean, _, interval, best, agreed, distance, count, failed = row
        assert (place, strategy, mean) == (
            span(one.ranks),
            one.strategy,
            three(one.mean_utility),
        )
        assert best == f"{100 * (one.best or 0):.0f} %"
        assert interval == f"{three(one.low)} to {three(one.high)}"
        assert agreed == f"{100 * (one.agreement_rate or 0):.0f} %"
        assert (distance, count, failed) == (
            three(one.nash_distance),
            str(one.observations),
            "0",
        )


def test_whiskers_stand_where_the_numbers_are(small: Results) -> None:
    one = small.standings.standings[0]
    assert f"{one.strategy}: {three(one.mean_utility)}, from {three(one.low)}" in render(small)


def test_headline_names_the_best_and_the_next(small: Results, page: Page) -> None:
    first, second = small.standings.standings[:2]
    assert first.mean_utility is not None
    assert page.text("h1").startswith("Of 4 strategies on 6 scenarios, ")
    assert f"{first.strategy} does best: {first.mean_utility:.2f} (95 % interval " in page.text(
        "h1"
    )
    assert f"The next, {second.strategy}, gets {second.mean_utility:.2f}." in page.text("p")
    assert re.search(
        r"The difference of \d\.\d+ \(95 % interval \S+ to \S+\) is (not )?earned",
        page.text("p"),
    )


def test_heat_map_shows_the_payoffs(small: Results, page: Page) -> None:
    order = [one.strategy for one in small.standings.standings]
    places = [small.payoffs.strategies.index(name) for name in order]
    rows = page.rows("against")
    assert [row[0] for row in rows] == order
    expected = [[f"{small.payoffs.mean[i, j]:.2f}" for j in places] for i in places]
    assert [row[1:] for row in rows] == expected


def test_scenario_table_shows_the_best_of_each(small: Results, page: Page) -> None:
    for row in page.rows("scenarios"):
        name = next(name for name in small.scenarios if row[0].startswith(name))
        cells = [cell for cell in small.rows if cell.scenario == name]
        means = {
            strategy: fmean(
                utility / SCALE
                for cell in cells
                for seat, utility in zip(cell.seats, cell.utilities, strict=True)
                if seat == strategy
            )
            for strategy in small.strategies
        }
        best = max(means, key=lambda strategy: means[strategy])
        assert row[4:6] == [best, three(means[best])]
        assert row[1] == f"{small.about(name)['outcomes']:,}"
        assert row[2] == f"{100 * fmean(cell.outcome is not None for cell in cells):.0f} %"
        assert row[3] == f"{fmean(cell.rounds for cell in cells):.1f}"


def test_means_by_scenario_make_the_means_of_the_leaderboard(
    small: Results, hostile: Results
) -> None:
    for results in (small, hostile):
        for strategy, means in zip(
            results.strategies, by_scenario(results.columns), strict=True
        ):
            one = next(s for s in results.standings.standings if s.strategy == strategy)
            assert one.mean_utility == pytest.approx(fmean(means), abs=1e-9)


def test_replays_show_a_negotiation_of_each_scenario(small: Results, page: Page) -> None:
    shown, _ = replays(small)
    assert [one.scenario for one in shown] == list(small.scenarios)
    for n, one in enumerate(shown):
        kept = [
            small.moves(key) or []
            for key in small.traced
            if small.row(key).scenario == one.scenario
        ]
        traces = [[(str(i), str(move[0])) for i, move in enumerate(moves, 1)] for moves in kept]
        assert [(row[0], row[1]) for row in page.rows("replays", n)] in traces


def test_a_move_is_written_so_that_it_can_be_read_back(small: Results, page: Page) -> None:
    scenario = small.scenario("milk")
    number = small.scenarios.index("milk")
    for row in page.rows("replays", number):
        if row[3].startswith("offers "):
            outcome = scenario.domain.parse(row[3].removeprefix("offers "))
            worth = [f"{own.utility(outcome) / SCALE:.3f}" for own in scenario.preferences]
            assert row[4:] == worth


def test_replay_ends_as_the_row_says(small: Results, page: Page) -> None:
    shown, _ = replays(small)
    for one in shown:
        assert re.match(
            r"(agreement in round \d+, worth [\d. /]+|no agreement: \S+)", one.ending
        )
        assert one.ending in page.text("summary")


def test_facts_count_what_was_played(small: Results, page: Page) -> None:
    agreed = fmean(row.outcome is not None for row in small.rows)
    shown = page.text("dd")
    for figure in ("4", "6", f"{len(small):,}", f"{100 * agreed:.0f} %", "0"):
        assert figure in shown


def test_how_names_seed_rules_digest_and_command(small: Results, page: Page) -> None:
    told = page.text("dd")
    assert small.digest() in told
    assert "alternating-offers: rounds 50" in told
    assert page.text("pre") == (
        "nego arena ev-charging milk printer-toner shared-van spare-part washing-powder "
        "--strategies genius-boulware genius-conceder micro random "
        "--rounds 50 --seed 0 --repetitions 2 --move-limit 2"
    )


def test_the_command_is_one_that_the_command_line_takes(small: Results) -> None:
    app = pytest.importorskip("negotiate.cli.app").app
    words = how(small).command.split()[1:]
    command, bound, _ = app.parse_args(words)
    assert command.__name__ == "arena"
    assert bound.arguments["strategies"] == list(small.strategies)


def test_options_that_differ_from_the_default_are_in_the_command(tmp_path: Path) -> None:
    rules = AlternatingOffers(
        rounds=None, time_limit=40, breakdown=1, discounting="round", consent="majority"
    )
    tournament = Tournament(["milk"], ["random", "time_dependent[e=0.5]"], rules=rules, seed=-7)
    command = how(run(tournament, tmp_path, workers=0)).command
    assert "'time_dependent[e=0.5]' --rounds 0 --time-limit 0.04 --breakdown 1e-06" in command
    assert "--consent majority --discounting round --seed -7" in command


def test_a_run_that_no_command_makes_shows_none(hostile: Results) -> None:
    assert how(hostile).command == ""
    assert "<pre>" not in render(hostile)


def test_no_text_becomes_markup(hostile: Results) -> None:
    page = Page(render(hostile))
    assert not [
        tag
        for tag, _, _ in page.attributes
        if tag in {"img", "i", "u", "b"} and "hacked" in tag
    ]
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "img" not in {tag for tag, _, _ in page.attributes}
    assert "hacked" not in page.text("script")


def test_there_is_one_script_and_it_is_ours(hostile: Results, small: Results) -> None:
    for results in (hostile, small):
        text = render(results)
        assert text.lower().count("<script") == text.lower().count("</script") == 1
    assert Page(render(hostile)).text("script") == Page(render(small)).text("script")


def test_characters_that_reorder_or_hide_text_are_made_visible(hostile: Results) -> None:
    text = render(hostile)
    assert not set("\u202e\x1b\x00") & set(text)
    assert "\\u202e" in text
    assert "\\x1b[31m" in text


def test_failures_name_who_what_and_how_often(hostile: Results) -> None:
    ((who, what, words, times, example),) = Page(render(hostile)).rows("failures")
    assert who == NASTY.replace("\u202e", "\\u202e")
    assert what == "raised an exception"
    assert words == "ValueError: " + WORDS.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b")
    assert int(times) == hostile.failed == sum(row.reason == "error" for row in hostile.rows)
    assert example.endswith("round 1")


def test_a_run_without_failures_says_so(page: Page) -> None:
    assert "None: no strategy raised an exception" in page.text("p")


def test_the_policy_lets_only_our_script_run(small: Results) -> None:
    policy = next(
        value
        for _, name, value in Page(render(small)).attributes
        if name == "content" and "src" in value
    )
    assert policy.startswith(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
    )


def test_nothing_is_fetched_from_anywhere(small: Results, hostile: Results) -> None:
    for results in (small, hostile):
        found = Page(render(results)).addresses()
        assert found
        assert [one for one in found if not re.fullmatch(r"#[\w-]+|data:,", one)] == []
        assert "//" not in render(results).replace("// ", "")


def test_links_inside_the_page_lead_somewhere(small: Results, page: Page) -> None:
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {one[1:] for one in page.addresses() if one.startswith("#")} <= ids


def test_the_same_results_give_the_same_bytes(small: Results, tmp_path: Path) -> None:
    code = "import sys; from negotiate.arena.report import write; write(sys.argv[1])"
    written = write(small.folder).read_bytes()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        subprocess.run(
            [sys.executable, "-c", code, str(small.folder)], env=environment, check=True
        )
        assert (small.folder / FILE).read_bytes() == written


def test_write_leaves_the_page_and_nothing_else(small: Results) -> None:
    before = {path.name for path in small.folder.iterdir()} - {FILE}
    assert write(str(small.folder)) == small.folder / FILE
    assert {path.name for path in small.folder.iterdir()} == before | {FILE}


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    played(tmp_path, ["milk"], ["random"], 3)
    (tmp_path / FILE).mkdir()
    with pytest.raises(ArenaError, match=r"report\.html"):
        write(tmp_path)
    assert not (tmp_path / f"{FILE}.new").exists()


def test_a_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="no results"):
        write(tmp_path)


def test_a_missing_extra_is_told(small: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ArenaError, match=r"pip install 'negotiate-kit\[report\]'") as caught:
        render(small)
    assert caught.value.code == "extra"


def test_charts_need_no_extra() -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "import negotiate.arena.report, negotiate.arena.report.space, negotiate.arena.report.concession"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_bundled_scenarios_make_a_page_of_moderate_size(tmp_path: Path) -> None:
    results = played(
        tmp_path, bundled(), ("genius-boulware", "negolog-boulware", "tit_for_tat"), 100
    )
    assert len(render(results).encode()) < 2_000_000


def test_long_negotiations_are_shown_in_part(tmp_path: Path) -> None:
    text = render(played(tmp_path, ["milk"], [Spec("s", Stubborn)], 150))
    assert "All 300 moves as a table" in text
    assert "100 moves in the middle are left out" in text
    assert len(Page(text).rows("replays")) == 200


def test_a_strategy_alone_has_a_headline(tmp_path: Path) -> None:
    found = headline(played(tmp_path, ["milk", "freight"], ["micro"]))
    assert re.match(r"micro, alone on 2 scenarios, gets 0\.\d\d \(95 % interval", found.answer)


def test_equal_means_are_a_tie(tmp_path: Path) -> None:
    twins = [
        Spec("one", TimeDependent, (("e", 1.0),)),
        Spec("two", TimeDependent, (("e", 1.0),)),
    ]
    assert (
        "one and two do best, and equally well"
        in headline(played(tmp_path, ["milk"], twins)).answer
    )


def test_a_lead_that_holds_everywhere_is_earned(tmp_path: Path) -> None:
    found = headline(played(tmp_path, bundled()[:9], ["genius-boulware", Spec("s", Stubborn)]))
    assert found.answer.startswith("Of 2 strategies on 9 scenarios, genius-boulware does best")
    assert " is earned: it should hold on other scenarios of this kind." in found.lead


def test_a_lead_that_may_be_chance_is_not_earned(tmp_path: Path) -> None:
    some = played(tmp_path, bundled()[:5], ["genius-boulware", Spec("s", Stubborn)])
    assert "by the test of signs it may be chance (p = 0." in headline(some).lead
    assert "would tell" in headline(some).lead


def test_of_many_scenarios_only_some_are_replayed(tmp_path: Path) -> None:
    milk = load("milk")
    scenarios = [Scenario(f"milk-{n:02}", milk.domain, milk.roles) for n in range(18)]
    shown, why = replays(played(tmp_path, scenarios, ["micro", "random"], 5))
    assert len(shown) == MOST_REPLAYS == 16
    assert why.endswith("Only the first 16 scenarios are shown.")


def test_a_single_scenario_allows_no_verdict(tmp_path: Path) -> None:
    found = headline(played(tmp_path, ["milk"], ["micro", "random", "genius-linear"]))
    assert "From a single scenario nobody can tell" in found.lead
    assert "say nothing of other scenarios" in found.caution


def test_few_scenarios_are_cautioned_against(tmp_path: Path) -> None:
    found = headline(played(tmp_path, ["milk", "freight"], ["micro", "genius-linear"]))
    assert "from only 2 scenarios no interval can be had" in found.caution


def test_a_run_in_which_all_fail_still_has_a_page(tmp_path: Path) -> None:
    text = render(played(tmp_path, ["milk"], [Spec("a", Raises)]))
    assert "a, alone on 1 scenario, gets" in Page(text).text("h1")
    assert len(Page(text).rows("failures")) == 1
    assert 'id="replays"' not in text


def test_without_any_figure_there_is_no_best(tmp_path: Path) -> None:
    results = played(tmp_path, ["milk"], ["micro"], 3)
    (one,) = results.standings.standings
    unknown = replace(one, mean_utility=None, low=None, high=None)
    results.__dict__["standings"] = replace(results.standings, standings=(unknown,))
    assert Page(render(results)).text("h1") == "No strategy brought a negotiation to an end."


def test_the_page_says_what_the_leaderboard_says_of_the_top_two(small: Results) -> None:
    board = small.standings
    text = Page(render(small)).text("p")
    said = advice(board.lead, board.unit, len(board.pairs)).replace("+-", "\N{PLUS-MINUS SIGN}")
    assert said[1:] in text
    assert board.lead is not None
    assert f"The difference of {three(board.lead.mean)}" in text
    assert ("is not earned" not in text) is board.lead.earned


def test_metrics_stand_on_the_page(small: Results, page: Page) -> None:
    merits = small.metrics
    first = page.rows("metrics")
    assert [row[0] for row in first] == [one.strategy for one in merits]
    assert [row[1] for row in first] == [three(one.metrics["advantage"].mean) for one in merits]
    assert len(page.tables["metrics"]) == 7
    assert [row[0] for row in page.rows("metrics", 4)] == [one.strategy for one in merits]


def test_a_scenario_that_changed_is_left_out_of_the_replays(
    small: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: Callable[[str], Scenario] = small.scenario

    def gone(name: str) -> Scenario:
        if name == "milk":
            raise ArenaError("it is not what it was")
        return kept(name)

    monkeypatch.setattr(small, "scenario", gone)
    shown, why = replays(small)
    assert "milk" not in [one.scenario for one in shown]
    assert why.endswith("Not shown, because the scenario cannot be had as it was played: milk.")
