"""Write one page for each registered strategy, part, bidder and protocol, before Sphinx reads the sources.

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
PLAYED = """
## Play it

    nego match printer-toner --strategies "composed[{part}]" genius-boulware
"""
TOLD = """
## Play it

No strategy can: it must be told the preferences of the other side. It is a yardstick for the others.
"""
MEASURED = """
## Measure it

    nego models runs/arena --models {name}
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
    "acceptance": "| name | what it does |",
    "models": "| name | what it does |",
    "bidders": "| name | what it does |",
    "protocols": "| name | what it does |",
}
TITLES = {"acceptance": "Acceptance rules", "models": "Opponent models"}
TEXTS = {
    "strategies": "What can be named wherever a strategy is asked for. Parameters follow in brackets: `{name}[...]`. "
    "The last column is the mean utility among all of them in the reference tournament, which each page explains.",
    "acceptance": "When to say yes. An acceptance rule is part of the strategy [composed](../strategies/composed.md), "
    "beside an offering rule and, if wanted, an [opponent model](../models/index.md): `composed[acceptance={name}]`.",
    "models": "What an agent believes that an outcome is worth to the other side, learnt from its offers. A model is "
    "part of the strategy [composed](../strategies/composed.md), `composed[model={name}]`, and `nego models` measures "
    "how well each understands the offers of any strategy, whatever is done with what it finds.",
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
        ("acceptance", registry.ACCEPTANCE),
        ("models", registry.MODELS),
        ("bidders", registry.BIDDERS),
        ("protocols", registry.PROTOCOLS),
    ):
        folder = Path(app.srcdir) / "reference" / group
        pages = {name: target for name, target in table.items() if ":" in target}
        presets = {name: target for name, target in table.items() if ":" not in target}
        write = WRITERS.get(group, page)
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


def acceptance_page(name: str, target: str, presets: dict[str, str]) -> str:
    """Return the page of one acceptance rule."""
    return part_page(name, target, presets) + PLAYED.format(part=f"acceptance={name}")


def model_page(name: str, target: str, presets: dict[str, str]) -> str:
    """Return the page of one opponent model."""
    found = getattr(import_module(target.partition(":")[0]), target.partition(":")[2])
    use = TOLD if getattr(found, "hidden", False) else PLAYED.format(part=f"model={name}")
    return part_page(name, target, presets) + use + MEASURED.format(name=name)


def part_page(name: str, target: str, presets: dict[str, str]) -> str:
    """Return what a class of parts says, its presets, and the tests that name it."""
    tests = ", ".join(f"`{path}`" for path in catalogue.tests_of(name, target))
    return page(name, target, presets) + (
        f"\n## Tests that name it\n\n{tests}.\n" if tests else ""
    )


WRITERS = {
    "strategies": strategy_page,
    "acceptance": acceptance_page,
    "models": model_page,
    "protocols": protocol_page,
}


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
        title=TITLES.get(group, group.capitalize()),
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
