"""``nego verify``: the offline verdict on a signed transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json

if TYPE_CHECKING:
    from negotiate.wire.verify import Verdict

Several = Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")]


def verify(
    transcript: str,
    /,
    *,
    principal: Several = None,
    revocations: Several = None,
    without_lists: Annotated[bool, Parameter(negative="")] = False,
    language: Literal["en", "de"] = "en",
    json: Json = False,
) -> int:
    """Verify a signed transcript: who agreed on what, on whose behalf, within which mandate.

    Exit status 0 if it is valid, 1 if it is not.

    Example: nego verify deal.transcript --principal did:key:z6Mk...=Weber --language de

    Args:
        transcript: the file.
        principal: a principal whom you know, as did:key or did:key=name; without any, parties are unverified.
        revocations: files with principals' revocation lists.
        without_lists: take acceptances although no current revocation list is there.
        language: of the text for people.
        json: print JSON for machines.
    """
    from negotiate.wire.files import read_file, trust_of  # noqa: PLC0415
    from negotiate.wire.verify import verify_bytes  # noqa: PLC0415

    trust = trust_of(principal or (), revocations or (), without_lists=without_lists)
    verdict = verify_bytes(read_file(transcript), trust)
    if json:
        print_json(verdict.to_json())
    else:
        _print(verdict, language)
    return 0 if verdict.valid else 1


def _print(verdict: Verdict, language: Literal["en", "de"]) -> None:
    from negotiate.wire.prose import tell  # noqa: PLC0415

    print(tell(verdict, language), end="")
