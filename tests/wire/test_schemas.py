"""The published schemas are those of the models, and every kind has one."""

from __future__ import annotations

import json
from pathlib import Path

from negotiate.wire.bodies import BODIES
from negotiate.wire.schemas import schemas

PUBLISHED = Path(__file__).parents[2] / "docs/reference/wire-schemas.json"


def text() -> str:
    return json.dumps(schemas(), indent=1, sort_keys=True) + "\n"


def test_the_published_schemas_are_those_of_the_models() -> None:
    assert PUBLISHED.read_text() == text(), (
        "write them again: python -m tests.wire.test_schemas"
    )


def test_every_kind_is_closed_and_has_its_head() -> None:
    made = schemas()
    assert set(made) == {*BODIES, "mandate", "revocations"}
    for kind in BODIES:
        assert made[kind]["additionalProperties"] is False
        assert made[kind]["$defs"]["body"]["additionalProperties"] is False
        assert {"v", "seq", "prev", "from", "to", "iat", "exp", "body"} <= set(
            made[kind]["required"]
        )
        assert ("sid" in made[kind]["required"]) == (kind != "open")
        assert '"null"' not in json.dumps(made[kind])
    assert "re" in made["accept"]["required"]


if __name__ == "__main__":
    PUBLISHED.write_text(text())
