"""``report.html``: a run as one page that opens anywhere, without a network.

The page is a pure function of the results: no time, no random name, numbers with fixed decimals. Charts are SVG
made by small functions in modules of their own; :func:`negotiate.arena.report.space.outcome_space_svg` and others
take plain data and serve elsewhere too. Needs the extra ``report``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.errors import ArenaError
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.arena.results import Results

FILE = "report.html"

AGAINST = (
    "What the strategy of the row gets on average when it negotiates with the strategy of the column, "
    "in all seats and scenarios. A dashed frame marks a strategy against itself."
)


def write(run_dir: str | Path) -> Path:
    """Write the report of a finished run into its folder, whole or not at all, and return its path.

    Raises:
        ArenaError: there is no finished run in the folder, it cannot be written, or the extra is missing.
    """
    from negotiate.arena.results import opened  # noqa: PLC0415 - what is not needed is not loaded

    path = Path(run_dir) / FILE
    text = render(opened(run_dir))
    fresh = path.with_name(f"{FILE}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        os.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ArenaError(
            f"{quote(str(path), 200)}: {error.strerror or 'cannot be written'}", code="report"
        ) from None
    return path


def render(results: Results) -> str:
    """The text of the page."""
    from negotiate.arena.auctions.results import AuctionResults  # noqa: PLC0415
    from negotiate.arena.report import auctions, games, headline, how, sections  # noqa: PLC0415
    from negotiate.arena.report.html import fill  # noqa: PLC0415
    from negotiate.arena.report.page import Page  # noqa: PLC0415

    if isinstance(results, AuctionResults):
        return fill(auctions.page_of(results), "auctions.html")
    shown, why = sections.replays(results)
    failures, left_out = sections.failures(results)
    return fill(
        Page(
            kicker="Tournament of negotiation strategies",
            against=AGAINST,
            headline=headline.headline(results),
            facts=headline.facts(results),
            leaders=sections.leaders(results),
            heat=sections.heat(results),
            scenarios=sections.scenarios(results),
            metrics=sections.shown_metrics(results),
            replays=shown,
            replays_why=why,
            failures=failures,
            failures_left_out=left_out,
            how=how.how(results),
            games=games.games(results),
        )
    )
