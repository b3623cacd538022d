"""The page as one file: template, styles and script put together.

Three things keep foreign text harmless. The template engine escapes whatever is not
:class:`~negotiate.arena.report.svg.Markup`; every text passes :func:`negotiate.show.safe` on its way out; and the
page carries a policy that lets a browser run this one script, known by its hash, and load nothing at all. No data
stands inside the script: it reads the tables of the page.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from negotiate.arena.report.svg import Markup
from negotiate.arena.report.text import FILTERS
from negotiate.errors import ArenaError
from negotiate.show import safe

if TYPE_CHECKING:
    from negotiate.arena.report.auctions import AuctionPage
    from negotiate.arena.report.page import Page


def fill(page: Page | AuctionPage, template: str = "page.html") -> str:
    """The text of report.html.

    Args:
        page: what stands on it.
        template: the asset that says how.

    Raises:
        ArenaError: the template engine is not installed.
    """
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - an extra
    except ImportError:
        raise ArenaError(
            "the report needs the package jinja2, which is not installed",
            code="extra",
            help="install it with: pip install 'negotiate-kit[report]'",
        ) from None
    engine = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    engine.filters.update(FILTERS)
    script = asset("page.js")
    return engine.get_template(template).render(
        page=page,
        style=Markup(asset("chart.css") + asset("page.css")),
        script=Markup(script),
        script_hash=Markup(_hash(script)),
    )


def asset(name: str) -> str:
    """A file that lies beside this module."""
    return (resources.files("negotiate.arena.report") / "assets" / name).read_text("utf-8")


def _shown(value: object) -> object:
    return safe(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
