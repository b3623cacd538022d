"""The page in a real browser: it opens without a complaint, asks for nothing, and replays negotiations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from negotiate.arena import Results, Tournament, run
from negotiate.arena.report import write
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from tests.arena.chromium import PROGRAM, Browser
from tests.arena.reading import Page
from tests.arena.test_report import NASTY, Raises, Stubborn, nasty_scenario

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    tournament = Tournament(
        ["milk", "shared-van", nasty_scenario()],
        [
            "genius-boulware",
            "genius-conceder",
            "micro",
            Spec(NASTY, Raises),
            Spec("<b>s", Stubborn),
        ],
        rules=AlternatingOffers(rounds=30),
    )
    return run(tournament, tmp_path_factory.mktemp("run"), workers=0)


@pytest.fixture(scope="module")
def path(results: Results) -> Path:
    return write(results.folder)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture
def tab(browser: Browser, path: Path) -> Iterator[Browser]:
    """The page, freshly opened; whatever the test does, nothing may be complained of or fetched."""
    browser.open(path.as_uri())
    yield browser
    assert browser.complaints() == []
    assert {address for address in browser.loaded() if not address.startswith("data:")} == {
        path.as_uri()
    }


@pytest.fixture(scope="module")
def moves(path: Path, results: Results) -> list[list[str]]:
    """The table of the moves on the first scenario, as the file has it."""
    assert "milk" in results.scenarios
    return Page(path.read_text("utf-8")).rows("replays", milk(results) - 1)


def milk(results: Results) -> int:
    return results.scenarios.index("milk") + 1


def said(tab: Browser, number: int) -> str:
    return str(tab.run(f"document.querySelector('#replay-{number} .said').textContent"))


def test_a_negotiation_steps_back_and_forth(
    tab: Browser, results: Results, moves: list[list[str]]
) -> None:
    number, last = milk(results), len(moves)
    tab.run(f"document.querySelector('#replay-{number}').open = true")
    assert said(tab, number).startswith(f"Move {last}, round {moves[-1][1]}: ")
    tab.click(f"#replay-{number} [data-go='-1']")
    tab.click(f"#replay-{number} [data-go='-1']")
    assert said(tab, number).startswith(
        f"Move {last - 2}, round {moves[-3][1]}: {moves[-3][2]} "
    )
    tab.click(f"#replay-{number} [data-go='1']")
    assert said(tab, number).startswith(
        f"Move {last - 1}, round {moves[-2][1]}: {moves[-2][2]} {moves[-2][3]}"
    )


def test_a_step_shows_what_the_offer_is_worth_to_each(
    tab: Browser, results: Results, moves: list[list[str]]
) -> None:
    number = milk(results)
    tab.open(f"{tab.run('location.href')}#replay-{number}-move-5")
    assert said(tab, number) == f"Move 5, round {moves[4][1]}: {moves[4][2]} {moves[4][3]}"
    shown = tab.run(
        f"[...document.querySelectorAll('#replay-{number} .worth .n')].map(e => e.textContent)"
    )
    assert shown == moves[4][4:]
    widths = tab.run(
        f"[...document.querySelectorAll('#replay-{number} .worth i b')].map(e => e.style.width)"
    )
    assert [float(width.rstrip("%")) for width in widths] == pytest.approx(
        [100 * float(u) for u in moves[4][4:]]
    )


def test_a_link_to_a_move_opens_it(tab: Browser, results: Results) -> None:
    number = milk(results)
    tab.open(f"{tab.run('location.href')}#replay-{number}-move-2")
    assert tab.run(f"document.querySelector('#replay-{number}').open")
    assert said(tab, number).startswith("Move 2, ")
    assert (
        tab.run(f"document.querySelector('#replay-{number} a.here').hash")
        == f"#replay-{number}-move-2"
    )


def test_offers_to_come_are_hidden(tab: Browser, results: Results) -> None:
    number = milk(results)
    visible = (
        f"[...document.querySelectorAll('#replay-{number} [data-m]')]"
        ".filter(e => e.style.visibility !== 'hidden').map(e => Number(e.dataset.m))"
    )
    everything = tab.run(visible)
    tab.open(f"{tab.run('location.href')}#replay-{number}-move-7")
    assert sorted(tab.run(visible)) == sorted(m for m in everything if m <= 7)
    assert max(everything) > 7


def test_the_slider_answers_to_the_keyboard(
    tab: Browser, results: Results, moves: list[list[str]]
) -> None:
    number = milk(results)
    tab.run(f"document.querySelector('#replay-{number}').open = true")
    tab.run(f"document.querySelector('#replay-{number} input').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Home",
            code="Home",
            windowsVirtualKeyCode=36,
        )
    assert said(tab, number).startswith(f"Move 1, round 1: {moves[0][2]}")
    assert tab.run(f"document.querySelector('#replay-{number} [data-go=\"-1\"]').disabled")


def test_columns_sort_by_number_and_by_name(tab: Browser, results: Results) -> None:
    column = "[...document.querySelectorAll('#leaderboard tbody tr')].map(r => r.cells[{}].textContent)"
    tab.click("#leaderboard thead th:nth-child(2) button")
    names = tab.run(column.format(1))
    assert names[-3:] == ["genius-boulware", "genius-conceder", "micro"]
    tab.click("#leaderboard thead th:nth-child(3) button")
    assert tab.run(column.format(2)) == sorted(
        tab.run(column.format(2)), key=float, reverse=True
    )
    tab.click("#leaderboard thead th:nth-child(3) button")
    assert tab.run(column.format(2)) == sorted(tab.run(column.format(2)), key=float)
    assert (
        tab.run("document.querySelector('#leaderboard th:nth-child(3)').ariaSort")
        == "ascending"
    )


def test_hostile_names_are_text(tab: Browser) -> None:
    assert tab.run("typeof hacked") == "undefined"
    assert tab.run("document.images.length + document.scripts.length") == 1
    shown = tab.run(
        "[...document.querySelectorAll('#leaderboard th.name')].map(e => e.textContent)"
    )
    assert NASTY.replace("\u202e", "\\u202e") in shown


def test_a_script_that_slipped_in_would_not_run(
    browser: Browser, path: Path, tmp_path: Path
) -> None:
    bad = "<script>hacked = 1</script><img src=x onerror='hacked = 2'><img src='https://192.0.2.1/'>"
    forged = tmp_path / "forged.html"
    forged.write_text(path.read_text("utf-8").replace("<main>", f"<main>{bad}"), "utf-8")
    browser.open(forged.as_uri())
    assert browser.run("typeof hacked") == "undefined"
    assert len(browser.complaints()) >= 3  # the browser says what it refused


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_is_never_wider_than_the_screen(tab: Browser, width: int) -> None:
    tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=800,
        deviceScaleFactor=1,
        mobile=width < 500,
    )
    tab.run(
        "document.querySelectorAll('details').forEach(one => { one.removeAttribute('name'); one.open = true })"
    )
    assert tab.run("document.documentElement.scrollWidth") <= width
    tab.call("Emulation.clearDeviceMetricsOverride")


def test_a_printed_page_fits_on_paper(tab: Browser) -> None:
    tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=718,
        height=1000,
        deviceScaleFactor=1,
        mobile=False,
    )
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.run("document.documentElement.scrollWidth") <= 718  # A4 less its margins
    tab.call("Emulation.setEmulatedMedia", media="")
    tab.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(tab: Browser, scheme: str) -> None:
    tab.call(
        "Emulation.setEmulatedMedia",
        features=[{"name": "prefers-color-scheme", "value": scheme}],
    )
    sums = tab.run(
        "['body', 'section', 'h1', '.soft'].map(s => document.querySelector(s)).map((e, i) => "
        "getComputedStyle(e)[i < 2 ? 'backgroundColor' : 'color'].match(/\\d+/g).slice(0, 3).map(Number))"
    )
    back, card, ink, soft = (contrast(one) for one in sums)
    for text in (ink, soft):
        for ground in (back, card):
            high, low = max(text, ground) + 0.05, min(text, ground) + 0.05
            assert high / low >= 4.5
    assert (card < 0.1) is (scheme == "dark")
    tab.call("Emulation.setEmulatedMedia", features=[])


def contrast(channels: list[int]) -> float:
    shares = [c / 255 for c in channels]
    red, green, blue = (
        s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_without_scripts_everything_but_stepping_and_sorting_is_there(
    browser: Browser, path: Path, moves: list[list[str]]
) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(path.as_uri())
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.run("document.querySelectorAll('#leaderboard tbody tr').length") == 5
    assert browser.run("document.querySelectorAll('th button').length") == 0
    assert browser.run("[...document.querySelectorAll('.step')].every(one => one.hidden)")
    assert browser.run("document.querySelectorAll('details.replay svg.chart').length") == 6
    assert len(moves) > 10
    assert browser.complaints() == []


def test_the_page_prints(tab: Browser) -> None:
    printed = tab.call("Page.printToPDF", printBackground=True)["data"]
    assert len(printed) > 20_000
