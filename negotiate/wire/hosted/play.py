"""A whole signed auction in one process: the bidders of the unsigned host, signing as they play.

The loop is sans threads: bidders are asked in the order of their seats, each sees what the host signed for it, and
answers with a move or with None. The result is what the unsigned host gives for the same moves at the same times.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from negotiate.domain.issues import Money
from negotiate.errors import LocalError
from negotiate.match import derive_seed
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.host import Host
from negotiate.wire.hosted.review import review
from negotiate.wire.keys import PrivateKey
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.terms import WireDomain
from negotiate.wire.trust import Policy, Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.domain.issues import Domain
    from negotiate.host import Clock, Program
    from negotiate.protocol import Protocol as Rules
    from negotiate.protocol import Result
    from negotiate.wire.hosted.complaints import Complaint
    from negotiate.wire.transcript import Transcript

EPOCH = 1_767_225_600_000
"""Where the clock of a signed auction starts (2026-01-01), unless the caller says otherwise."""

_DAY = 86_400_000
_PLAY = Trust(policy=Policy(unverified="allow", revocation="allow"))


@dataclass
class SignedAuction:
    """An auction and the record that anybody can verify.

    Attributes:
        result: what the rules gave.
        transcript: the host's, with the bids.
        complaints: of each bidder, after it has reviewed the transcript; none with an honest host.
        host: the host's endpoint.
        bidders: the bidders' endpoints.
        refused: for each bid that the host refused: bidder and code.
        failed: bidders whose program raised; they were not asked again.
    """

    result: Result
    transcript: Transcript
    complaints: list[list[Complaint]]
    host: Host
    bidders: list[Bidder]
    refused: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    failed: list[int] = field(default_factory=list[int])


def play_signed_auction(
    protocol: Rules,
    domain: Domain,
    programs: Sequence[tuple[str, Program]],
    *,
    clock: Clock,
    seed: int | str = 0,
    epoch: int = EPOCH,
) -> SignedAuction:
    """Hold a signed auction or market among bidders of this process, to its close.

    Args:
        protocol: the rules; of an auction or a market.
        domain: what it is about; the currency of bids is that of its first issue of money, if there is one.
        programs: name and program of each seat, as for :func:`negotiate.host.run`. One with a method
            ``seated(name)`` is told what the rules call it, so that it can make commitments under that name.
        clock: milliseconds, never running back; asked before each bidder's turn. It must go on by itself.
        seed: of the keys and salts: these are for play, not for business.
        epoch: milliseconds to add to the clock.

    Raises:
        LocalError: rules or a domain that have no signed form, or a clock that stands still.
    """
    return _Floor(protocol, domain, programs, lambda: epoch + clock(), seed).play()


class _Floor:
    """Host and bidders, facing each other."""

    def __init__(
        self,
        protocol: Rules,
        domain: Domain,
        programs: Sequence[tuple[str, Program]],
        clock: Callable[[], int],
        seed: int | str,
    ) -> None:
        self.seed, self.clock = seed, clock
        self.programs = [program for _, program in programs]
        self.host = Host(self._papers("host"), _PLAY)
        self.bidders = [Bidder(self._papers(f"{n} {name}"), _PLAY) for n, (name, _) in enumerate(programs)]  # fmt: skip
        self.refused: list[tuple[int, str]] = []
        self.failed: list[int] = []
        self._salts = 0
        at = clock()
        seats = tuple((one.key, role) for one, role in self._seats())
        wire = WireDomain.of(domain)
        money = [
            name
            for name, one in zip(wire.names, domain.issues, strict=True)
            if isinstance(one, Money)
        ]
        amount = ((money[0],),) if money else ()
        proposal = Proposal(
            domain, protocol, seats, at + 300 * _DAY, amount, ttl=300 * _DAY, messages=1_000_000
        )
        self._tell(self.host.open(proposal, at, self._salt()), at)

    def _seats(self) -> list[tuple[Host | Bidder, str]]:
        return [(self.host, "host"), *((bidder, "bidder") for bidder in self.bidders)]

    def _papers(self, name: str) -> Papers:
        def made(*names: str) -> bytes:
            text = str(derive_seed(self.seed, "auction", *names, name))
            return hashlib.sha256(text.encode()).digest()

        principal = Disclosure("principal", made("name"), name[:256])
        contact = Disclosure("contact", made("contact"), "an auction for play")
        return Papers(PrivateKey(made("key")), principal, contact)

    def _salt(self) -> bytes:
        self._salts += 1
        text = str(derive_seed(self.seed, "auction salt", self._salts))
        return hashlib.sha256(text.encode()).digest()

    def _tell(self, frame: bytes, at: int) -> None:
        for bidder in self.bidders:
            bidder.receive(frame, at)

    def play(self) -> SignedAuction:
        """The loop."""
        at = self.clock()
        for bidder in self.bidders:
            self._tell(self.host.receive(bidder.join(at, self._salt()), at).frame, at)
        for papers in (self.host.papers, *(bidder.papers for bidder in self.bidders)):
            self.host.learn(papers.principal)
        self._tell(self.host.begin(at), at)
        for bidder, program in zip(self.bidders, self.programs, strict=True):
            tell = getattr(program, "seated", None)
            if tell is not None:
                tell(bidder.name)
        while self.host.due(at) is None:
            before = at
            for party in self.host.book.negotiation.to_move:
                at = self.clock()
                self._turn(party, at)
            at = max(at, self.clock())
            if at == before:
                raise LocalError("the clock stands still", code="clock")
        self._tell(self.host.award(at), at)
        return self._end()

    def _turn(self, party: int, at: int) -> None:
        if self.host.due(at) is not None or party in self.failed:
            return
        bidder = self.bidders[party]
        bidder.receive(self.host.quote(bidder.key, at), at)
        view = bidder.view
        try:
            move = None if view is None else self.programs[party](view.snapshot())
            frame = None if move is None else bidder.send(move, at, self._salt())
        except Exception:  # foreign code may raise anything, and answer anything
            self.failed.append(party)
            return
        if frame is not None:
            reply = self.host.receive(frame, at)
            self._tell(reply.frame, at)
            if reply.code:
                self.refused.append((party, reply.code))

    def _end(self) -> SignedAuction:
        transcript = self.host.transcript()
        result = cast("Result", self.host.book.negotiation.result)
        complaints = [review(bidder, transcript) for bidder in self.bidders]
        return SignedAuction(
            result, transcript, complaints, self.host, self.bidders, self.refused, self.failed
        )
