"""Revocation lists: a principal's (or any issuer's) signed word on which of its mandates are void, and since when.

A list has a version that only rises and an expiry. A list is current at a time if it was issued by then and has not
expired. What the lack of a current list means is the policy of whoever relies on it; the default denies. A list
learnt later does not reach back: it counts for what is signed after its issue.
"""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, ValidationError

from negotiate.errors import LocalError
from negotiate.show import safe
from negotiate.wire import codec
from negotiate.wire.bodies import Bytes32, Closed, Count, Millis
from negotiate.wire.envelope import MAX_TIME, VERSION, split, wrap
from negotiate.wire.faults import Fault
from negotiate.wire.keys import REVOCATIONS, check_public, did_key, framed, verifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from negotiate.wire.keys import PrivateKey
    from negotiate.wire.mandate import Mandate

MAX_LIST = 49_152


class Void(Closed):
    """One mandate that is void since a time."""

    mandate: Bytes32
    since: Millis


class RevocationList(Closed):
    """What a list says."""

    v: Literal[1]
    kind: Literal["revocations"]
    iss: Bytes32
    version: Count
    iat: Millis
    exp: Millis
    revoked: Annotated[list[Void], Field(max_length=400)]


def issue_list(
    key: PrivateKey, revoked: Mapping[bytes, int], *, version: int, iat: int, exp: int
) -> bytes:
    """Sign a list: hashes of void mandates, each with the time since when.

    Raises:
        LocalError: not a list that can be (expiry before issue, too long).
    """
    void = [{"mandate": mandate, "since": revoked[mandate]} for mandate in sorted(revoked)]
    fields: dict[str, codec.Value] = {
        "v": VERSION, "kind": "revocations", "iss": key.public, "version": version,
        "iat": iat, "exp": exp, "revoked": cast("codec.Value", void),
    }  # fmt: skip
    payload = codec.encode(fields)
    try:
        _read(codec.decode(payload))
    except Fault as fault:
        raise LocalError(str(fault), code=fault.code) from None
    return wrap(payload, key.sign(REVOCATIONS, "revocations", payload))


def read_list(frame: bytes) -> RevocationList:
    """A list from bytes; Fault unless it is canonical, closed, and signed by its issuer."""
    if len(frame) > MAX_LIST:
        raise Fault(
            f"a list of {len(frame):,} bytes; at most {MAX_LIST:,} are read", code="size"
        )
    payload, signature = split(frame)
    found = _read(codec.decode(payload))
    check_public(found.iss)
    verifier(found.iss).verify(signature, framed(REVOCATIONS, "revocations", payload))
    return found


def _read(value: object) -> RevocationList:
    try:
        found = RevocationList.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise Fault(
            f"a revocation list that does not read @ $.{safe(place)}: {problem['msg']}",
            code="revocation",
        ) from None
    if found.iat >= found.exp:
        raise Fault("a revocation list that expires before it is issued", code="lifetime")
    return found


class Revocations:
    """The lists that one relying party knows.

    Attributes:
        voids: whether any of them voids anything.
    """

    def __init__(self, frames: Iterable[bytes] = ()) -> None:
        self._lists: dict[bytes, list[RevocationList]] = {}
        self._frames: dict[tuple[bytes, int], bytes] = {}
        self._void: dict[tuple[bytes, bytes], int] = {}  # issuer and mandate, and from when on
        self.voids = False
        for frame in frames:
            self.learn(frame)

    def learn(self, frame: bytes) -> bool:
        """Take a list; False if it is known.

        Raises:
            Fault: it does not read, another list has its version, or versions and times of issue disagree.
        """
        found = read_list(frame)
        known = self._frames.get((found.iss, found.version))
        if known is not None:
            if known != frame:
                raise Fault(
                    f"two lists of {did_key(found.iss)} have version {found.version}",
                    code="equivocation", key=found.iss,
                )  # fmt: skip
            return False
        lists = self._lists.setdefault(found.iss, [])
        place = bisect(lists, found.version, key=lambda known: known.version)
        beside = [*lists[max(0, place - 1) : place], found, *lists[place : place + 1]]
        if any(later.iat < earlier.iat for earlier, later in pairwise(beside)):
            raise Fault(
                "a list with a higher version that was issued earlier", code="revocation"
            )
        lists.insert(place, found)
        for void in found.revoked:
            key = (found.iss, void.mandate)
            self._void[key] = min(max(void.since, found.iat), self._void.get(key, MAX_TIME))
        self.voids = self.voids or bool(found.revoked)
        self._frames[found.iss, found.version] = frame
        return True

    def check(self, chain: tuple[Mandate, ...], at: int, *, need_current: bool) -> None:
        """Raise Fault if a mandate of the chain is void at ``at``, or a current list is needed and missing."""
        if not need_current and not self.voids:
            return
        for mandate in chain:
            issuer = mandate.grant.iss
            if at >= self._void.get((issuer, mandate.hash), MAX_TIME):
                raise Fault(
                    f"{mandate} has been revoked", code="revoked", key=mandate.grant.sub
                )
            lists = self._lists.get(issuer, [])
            issued = bisect(lists, at, key=lambda known: known.iat)  # times rise with versions
            if need_current and not (issued and at < lists[issued - 1].exp):
                raise Fault(
                    f"no current revocation list of {did_key(mandate.grant.iss)}",
                    code="revocation",
                    help="give the session a current list, or a policy that does without",
                )
