"""JSON Schemas of all kinds of messages, of mandates and of revocation lists, made from the models.

``bin`` of msgpack is given as a string of format ``binary``; its lengths count bytes. The schemas are published in
``docs/reference/wire-schemas.json``; a test keeps them equal to the models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from negotiate.wire.bodies import ANSWERS, BODIES
from negotiate.wire.head import Head
from negotiate.wire.mandate import Grant
from negotiate.wire.revocation import RevocationList

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema


class _NoNull(GenerateJsonSchema):
    """There is no nil on the wire: what may be None in Python may be absent in a message."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schemas() -> dict[str, Any]:
    """Schema by name: each kind of message, ``mandate`` and ``revocations``."""
    found = {kind: _message(kind) for kind in BODIES}
    return {**found, "mandate": _schema(Grant), "revocations": _schema(RevocationList)}


def _message(kind: str) -> dict[str, Any]:
    head = _schema(Head)
    body = _schema(BODIES[kind])
    fields = {**head["properties"], "kind": {"const": kind}, "body": {"$ref": "#/$defs/body"}}
    required = {*fields} - {"man"} - ({"sid"} if kind == "open" else set())
    if kind == "open":
        del fields["sid"]
    if kind not in ANSWERS:
        del fields["re"]
        required -= {"re"}
    parts = {**body.pop("$defs", {}), "body": body}
    return {
        "title": f"negotiate-kit message {kind}, version 1",
        "type": "object",
        "properties": dict(sorted(fields.items())),
        "required": sorted(required),
        "additionalProperties": False,
        "$defs": parts,
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, schema_generator=_NoNull)
