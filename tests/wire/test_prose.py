"""Transcripts in plain words: each ending, in both languages, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.moves import Accept
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire.prose import tell
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    joined,
    judge,
    named,
    papers,
    playing,
    resign,
    root,
    trust,
)
from tests.wire.test_table_of_three import KNOWN, Three

ENGLISH = """\
2026-05-28 20:26:40 UTC  The buyer's agent, a machine acting for Weber under mandate {buyer}, opened the negotiation.
2026-05-28 20:26:40 UTC  The seller's agent, a machine acting for somebody whose name is not disclosed under mandate \
{seller}, joined.
2026-05-28 20:26:40 UTC  The buyer's agent offered price 1.50 EUR, quantity 2, colour red.
2026-05-28 20:26:40 UTC  The seller's agent offered price 3.00 EUR, quantity 2, colour red.
2026-05-28 20:26:40 UTC  The buyer's agent accepted the offer.
2026-05-28 20:26:40 UTC  The seller's agent signed the closing record.
2026-05-28 20:26:40 UTC  The buyer's agent signed the closing record.
The transcript is valid.
They agreed on price 3.00 EUR, quantity 2, colour red.
All parties have signed the closing record.
"""
GERMAN = """\
2026-05-28 20:26:40 UTC  Der Vertreter des Käufers, eine Maschine, die mit Vollmacht {buyer} für Weber handelt, \
eröffnete die Verhandlung.
2026-05-28 20:26:40 UTC  Der Vertreter des Verkäufers, eine Maschine, die mit Vollmacht {seller} für jemanden, \
dessen Name nicht offengelegt ist, handelt, trat der Verhandlung bei.
2026-05-28 20:26:40 UTC  Der Vertreter des Käufers bot an: price 1.50 EUR, quantity 2, colour red.
2026-05-28 20:26:40 UTC  Der Vertreter des Verkäufers bot an: price 3.00 EUR, quantity 2, colour red.
2026-05-28 20:26:40 UTC  Der Vertreter des Käufers nahm das Angebot an.
2026-05-28 20:26:40 UTC  Der Vertreter des Verkäufers unterzeichnete das Schlussprotokoll.
2026-05-28 20:26:40 UTC  Der Vertreter des Käufers unterzeichnete das Schlussprotokoll.
Die Aufzeichnung ist gültig.
Sie einigten sich auf: price 3.00 EUR, quantity 2, colour red.
Alle Parteien haben das Schlussprotokoll unterzeichnet.
"""


@pytest.mark.parametrize(("language", "expected"), [("en", ENGLISH), ("de", GERMAN)])
def test_a_transcript_is_told_in_plain_words(language: Any, expected: str) -> None:
    table = agreed()
    table.buyer.learn(named("Weber"))
    text = tell(judge(table.buyer.transcript()), language)
    mandates = {"buyer": BUYER.man.hex()[:16], "seller": SELLER.man.hex()[:16]}
    assert text == expected.format(**mandates)


def endings() -> dict[str, tuple[Any, tuple[str, str]]]:
    """How a transcript can end, with the last words of it in English and in German."""
    walked = joined()
    walked.walk(walked.buyer)
    waiting = playing()
    waiting.seller.send(Accept(), NOW + 60)
    ended = joined(protocol=AlternatingOffers(rounds=1))
    ended.offer(ended.buyer, 150)
    ended.offer(ended.seller, 300)
    limited = joined(messages=4)
    limited.offer(limited.buyer, 150)
    limited.offer(limited.seller, 300)
    gone = playing()
    listed = current_list("Shop", {SELLER.man: NOW}, version=2, iat=NOW)
    gone.buyer.receive(gone.seller.revoke(listed, NOW + 100), NOW + 100)
    late = joined()
    late.offer(late.buyer, 150, valid=1_000)
    offer_ends = late.buyer.record.chain[-1].fields["exp"]
    late.buyer.receive(late.seller.send(Accept(), offer_ends - 1), offer_ends + 5_000)
    back = playing()
    back.seller.receive(back.buyer.withdraw(NOW + 50), NOW + 50)
    return {
        "walk": (walked, ("a party left.", "Eine Partei ging.")),
        "deadline": (ended, ("ran out.", "waren um.")),
        "limit": (limited, ("limit on messages was reached.", "Nachrichten war erreicht.")),
        "revoked": (gone, ("a mandate was revoked.", "Eine Vollmacht wurde widerrufen.")),
        "late": (late, ("the acceptance came too late.", "Die Annahme kam zu spät.")),
        "pending": (waiting, ("its acceptance are signed.", "Angebot und Annahme sind es.")),
        "open": (back, ("have gone on elsewhere.", "anderswo weitergegangen sein.")),
    }  # fmt: skip


@pytest.mark.parametrize("how", endings())
def test_every_ending_is_told(how: str) -> None:
    table, words = endings()[how]
    session = table.seller if how == "pending" else table.buyer
    verdict = judge(session.transcript())
    for language, last in zip(("en", "de"), words, strict=True):
        text = tell(verdict, language)  # type: ignore[arg-type]
        assert text.rstrip().endswith(last)
        assert "{" not in text


def test_people_and_the_unverified_are_told_as_such() -> None:
    from negotiate.wire.trust import Policy

    lenient = trust(policy=Policy(unverified="allow"))
    lone = papers("loner", "Loner", machine=True)
    person = papers(
        "desk", "Shop", root("desk", "seller", "Shop", machine=False), machine=False
    )
    table = agreed(buyer=lone, seller=person, known=lenient)
    english, german = (
        tell(judge(table.buyer.transcript(), lenient), language)  # type: ignore[arg-type]
        for language in ("en", "de")
    )
    assert "a machine acting for itself, without a mandate (not verified), opened" in english
    assert "a person acting for somebody" in english
    assert (
        "eine Maschine, die ohne Vollmacht im eigenen Namen handelt (nicht bestätigt), eröffnete"
        in german
    )
    assert "ein Mensch, der mit Vollmacht" in german


def test_a_role_that_german_has_no_word_for_is_quoted() -> None:
    table = Three(AlternatingOffers(rounds=5))
    assert "der Rolle „carrier“" in tell(judge(table.sessions[0].transcript(), KNOWN), "de")


def test_whose_fault_it_is_is_told_or_that_it_cannot_be() -> None:
    table = playing()
    frames = table.buyer.transcript().frames
    cheated = judge([*frames, resign(SELLER.key, {**counter(table), "to": SELLER.key.public})])
    text = tell(cheated)
    assert "The transcript is not valid. Entry 3 breaks a rule" in text
    assert f"At fault: the seller's agent ({SELLER.key.did})." in text
    assert f"Verantwortlich: der Vertreter des Verkäufers ({SELLER.key.did})." in tell(
        cheated, "de"
    )
    stranger = judge([*frames, frames[2][:-64] + bytes(64)])
    assert "Whose fault it is cannot be told." in tell(stranger)
    assert "lässt sich nicht feststellen" in tell(stranger, "de")
    assert tell(stranger).endswith("Up to there nothing had been agreed.\n")
    cut = judge(frames[1:])
    assert "Whose fault it is cannot be told." in tell(cut)


def test_what_is_no_transcript_is_told_in_one_line() -> None:
    from negotiate.wire.verify import verify_bytes

    for data in (b"", b"no transcript", b"\x80"):
        text = tell(verify_bytes(data, trust()))
        assert text.count("\n") == 1
        assert text.startswith("There is nothing to judge")
    assert "nichts zu beurteilen" in tell(judge([]), "de")


def test_words_of_the_other_side_are_quoted_and_made_safe() -> None:
    table = joined()
    table.offer(table.buyer, 150, note="good \x1b[31mday")
    for language, words in (("en", ", and wrote: 'good"), ("de", " und schrieb: 'good")):
        text = tell(judge(table.seller.transcript()), language)  # type: ignore[arg-type]
        assert words in text
        assert "\x1b" not in text
