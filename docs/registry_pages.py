"""Write one page for each registered strategy, bidder and protocol, before Sphinx reads the sources.

A preset stands on the page of the strategy that it presets. The page of a protocol begins with what its module
says, and has its table of phases and moves, taken from the table that it runs. The pages are made anew at each
build and are not kept in git.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import catalogue
from sphinx.application import Sphinx

from negotiate import registry

CLASS = """# {name}

```{{eval-rst}}
.. autoclass:: {path}
   :no-members:
```
"""
PRESETS = """
## Presets

| name | stands for |
|---|---|
{rows}
"""
PROTOCOL = """# {name}

```{{eval-rst}}
{prose}

.. autoclass:: {path}
   :no-members:
```

## Phases and moves

What may be sent in which phase, and which phases may follow.

| phase | {kinds} |
|---|{rule}
{rows}
"""
INDEX = """# {title}

{text}

{rows}

```{{toctree}}
:hidden:

{pages}
```
"""
HEADS = {
    "strategies": "| name | what it does | mean utility |",
    "bidders": "| name | what it does |",
    "protocols": "| name | what it does |",
}
TEXTS = {
    "strategies": "What can be named wherever a strategy is asked for. Parameters follow in brackets: `{name}[...]`. "
    "The last column is the mean utility among all of them in the reference tournament, which each page explains.",
    "bidders": "What can be named wherever a bidder or trader is asked for. Parameters follow in brackets: "
    "`{name}[...]`.",
    "protocols": "The games whose rules are built in.",
}


def setup(app: Sphinx) -> None:
    """Run before the sources are read."""
    app.connect("builder-inited", write_pages)


def write_pages(app: Sphinx) -> None:
    """Write the pages of all groups."""
    for group, table in (
        ("strategies", registry.STRATEGIES),
        ("bidders", registry.BIDDERS),
        ("protocols", registry.PROTOCOLS),
    ):
        folder = Path(app.srcdir) / "reference" / group
        pages = {name: target for name, target in table.items() if ":" in target}
        presets = {name: target for name, target in table.items() if ":" not in target}
        write = {"strategies": strategy_page, "bidders": page}.get(group, protocol_page)
        texts = {f"{name}.md": write(name, target, presets) for name, target in pages.items()}
        texts["index.md"] = index(group, pages)
        if group == "strategies":
            curves = {f"{name}.svg": catalogue.curve(name) for name in pages}
            texts |= {name: text for name, text in curves.items() if text is not None}
        write_changed(folder, texts)


def page(name: str, target: str, presets: dict[str, str]) -> str:
    """Return the page of one class and of its presets."""
    text = CLASS.format(name=name, path=target.replace(":", "."))
    own = {preset: of for preset, of in presets.items() if of.split("[")[0] == name}
    return text + PRESETS.format(rows=table(own, "`{}`")) if own else text


def strategy_page(name: str, target: str, presets: dict[str, str]) -> str:
    """Return the page of one strategy: what it is, how it concedes, how it fares, what was checked."""
    return page(name, target, presets) + catalogue.sections(name)


def protocol_page(name: str, target: str, _presets: dict[str, str]) -> str:
    """Return the page of one protocol."""
    module = import_module(target.partition(":")[0])
    transitions: dict[tuple[str, str], tuple[str, ...]] = module.TABLE
    phases = list(dict.fromkeys(phase for phase, _ in transitions))
    kinds = list(dict.fromkeys(kind for _, kind in transitions))
    rows = (
        [phase, *(" or ".join(transitions.get((phase, kind), ("-",))) for kind in kinds)]
        for phase in phases
    )
    return PROTOCOL.format(
        name=name,
        prose=prose(inspect.getdoc(module) or ""),
        path=target.replace(":", "."),
        kinds=" | ".join(kinds),
        rule="---|" * len(kinds),
        rows="\n".join(f"| {' | '.join(row)} |" for row in rows),
    )


def prose(doc: str) -> str:
    """Return what a module says without the table drawn in it."""
    paragraphs = doc.split("\n\n")
    drawn = {n for n, text in enumerate(paragraphs) if text.startswith("The table")}
    drawn |= {n + 1 for n in drawn}
    return "\n\n".join(text for n, text in enumerate(paragraphs) if n not in drawn)


def index(group: str, pages: dict[str, str]) -> str:
    """Return the page that lists all of a group."""
    rows = [
        f"| [{name}]({name}.md) | {summary(target)} |"
        + (f" {catalogue.mean(name)} |" if group == "strategies" else "")
        for name, target in sorted(pages.items())
    ]
    head = HEADS[group]
    return INDEX.format(
        title=group.capitalize(),
        text=TEXTS[group].format(name=next(iter(sorted(pages)))),
        rows="\n".join([head, re.sub(r"[^|]+", "---", head), *rows]),
        pages="\n".join(sorted(pages)),
    )


def summary(target: str) -> str:
    """Return the first paragraph about a strategy's class or a protocol's module, on one line."""
    module, _, name = target.partition(":")
    found = import_module(module)
    doc = inspect.getdoc(found if hasattr(found, "TABLE") else getattr(found, name)) or ""
    return " ".join(doc.split("\n\n")[0].split()).replace("|", "\\|")


def table(rows: dict[str, str], form: str = "{}") -> str:
    """Return the rows of a table with two columns."""
    return "\n".join(f"| {left} | {form.format(right)} |" for left, right in rows.items())


def write_changed(folder: Path, texts: dict[str, str]) -> None:
    """Make a folder hold just these pages; leave alone what is the same, so that builds stay quick."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
