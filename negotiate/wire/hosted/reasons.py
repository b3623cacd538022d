"""The rules by which a party gets and pays something, in words, and what a ground is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Result
    from negotiate.protocols.hosted import HostedNegotiation
    from negotiate.wire.hosted.book import Taken

Places: TypeAlias = tuple[int, ...]
Figures: TypeAlias = "tuple[tuple[str, int | Fraction], ...]"


class Cause(NamedTuple):
    """A rule and what it was applied to.

    Attributes:
        rule: one of :data:`RULES`.
        own: places of the party's deciding bids; none where it said nothing.
        by: places of the bids that set its price.
        figures: numbers that the rule speaks of, by names of :data:`FIGURES`.
    """

    rule: str
    own: Places = ()
    by: Places = ()
    figures: Figures = ()


class Case(NamedTuple):
    """What a reason follows from.

    Attributes:
        accepted: the accepted bids, in order.
        result: what the rules gave.
        state: of the protocol, at its end; None for rules that have no state here.
    """

    accepted: Sequence[Taken]
    result: Result
    state: HostedNegotiation | None

    def of(self, party: Party, kind: type[AnyMove]) -> list[Taken]:
        """A party's accepted moves of one kind, in order."""
        return [
            one for one in self.accepted if one.party == party and isinstance(one.move, kind)
        ]

    def newest(self, party: Party, kind: type[AnyMove]) -> Places:
        """The place of a party's newest accepted move of one kind."""
        return tuple(one.place for one in self.of(party, kind)[-1:])

    def goods(self, party: Party) -> tuple[int, ...]:
        """What a party gets of each item."""
        goods: tuple[tuple[int, ...], ...] = getattr(self.result, "goods", ())
        return goods[party] if goods else ()


RULES: dict[str, tuple[str, str]] = {
    "own-bid": ("the best bid, paid as bid", "das beste Gebot, bezahlt wie geboten"),
    "second-bid": ("the best bid, at the second best", "das beste Gebot, zum zweitbesten"),
    "third-bid": ("the best bid, at the third best", "das beste Gebot, zum drittbesten"),
    "reserve": (
        "the best bid, at the reserve or the bound of a lone bidder",
        "das beste Gebot, zum Mindestpreis oder zur Grenze eines einzigen Bieters",
    ),
    "all-pay": ("everybody pays its own bid", "jeder zahlt sein eigenes Gebot"),
    "standing": ("the standing bid at the close", "das stehende Gebot beim Schluss"),
    "proxy": (
        "the greatest maximum, at the second and one increment",
        "das höchste Limit, zum zweiten und einer Stufe",
    ),
    "proxy-alone": (
        "the greatest maximum, at the start: nobody else bid",
        "das höchste Limit, zum Startpreis: niemand sonst bot",
    ),
    "clock": ("the price on the clock", "der Preis der Uhr"),
    "posted": ("the posted price, first come first served", "der Festpreis, wer zuerst kommt"),
    "proposal": ("the cheapest proposal", "das billigste Angebot"),
    "trades": (
        "the sum of its trades, each at the resting order's price",
        "die Summe seiner Geschäfte, jedes zum Preis des ruhenden Auftrags",
    ),
    "call": ("one price for all that crosses", "ein Preis für alles, was sich kreuzt"),
    # several units of one thing
    "own-amounts": (
        "amounts among the highest, paid as bid",
        "Beträge unter den höchsten, bezahlt wie geboten",
    ),
    "highest-rejected": (
        "amounts among the highest, all at the highest that did not win",
        "Beträge unter den höchsten, alle zum höchsten, der nicht gewann",
    ),
    "lowest-accepted": (
        "amounts among the highest, all at the lowest that won",
        "Beträge unter den höchsten, alle zum niedrigsten, der gewann",
    ),
    "units-left": (
        "amounts among the highest, at the reserve, as no other amount was left to set a price",
        "Beträge unter den höchsten, zum Mindestpreis, da kein anderer Betrag einen Preis setzte",
    ),
    "displaced": (
        "amounts among the highest, at the amounts of others that they keep from winning",
        "Beträge unter den höchsten, zu den Beträgen anderer, die sie verdrängen",
    ),
    "clinched": (
        "each unit at the price at which the others left it over",
        "jedes Stück zum Preis, zu dem die anderen es übrig ließen",
    ),
    "clock-uniform": (
        "what it wanted when the clock stopped, all at one price",
        "was es beim Halt der Uhr wollte, alles zu einem Preis",
    ),
    # several items
    "item-bids": (
        "the standing bids on its items, paid as bid",
        "die stehenden Gebote auf seine Gegenstände, bezahlt wie geboten",
    ),
    "taken-back": (
        "what its bids taken back were above the highest that came later",
        "was seine zurückgenommenen Gebote über dem höchsten späteren lagen",
    ),
    "least-prices": (
        "an item that it named, at the prices at which no items were wanted by too many",
        "ein Gegenstand seiner Wahl, zu den Preisen, bei denen keine von zu vielen gewünscht waren",
    ),
    "package-bid": (
        "in the choice of the greatest total, paid as bid",
        "in der Auswahl mit der größten Summe, bezahlt wie geboten",
    ),
    "package-vcg": (
        "in the best choice; its bids less what it adds to the total (VCG)",
        "in der besten Auswahl; seine Gebote weniger, was es zur Summe beiträgt (VCG)",
    ),
    "package-core": (
        "in the choice of the greatest total, at the core price nearest to VCG",
        "in der Auswahl mit der größten Summe, zum VCG-nächsten Kernpreis",
    ),
    "package-opening": (
        "in the choice of the greatest total, at the opening prices, which are above what the rule asks",
        "in der Auswahl mit der größten Summe, zu den Startpreisen, die über dem Preis der Regel liegen",
    ),
    # quality, positions, two sides
    "first-score": (
        "the best score, at its own price",
        "die beste Bewertung, zum eigenen Preis",
    ),
    "second-score": (
        "the best score, at the price that would tie with the second best",
        "die beste Bewertung, zum Preis des Gleichstands mit der zweitbesten",
    ),
    "least-score": (
        "the best score, at the price that would tie with the minimum score",
        "die beste Bewertung, zum Preis des Gleichstands mit der Mindestbewertung",
    ),
    "next-bid": (
        "its place by quality times bid, at what keeps it above the next",
        "sein Rang nach Qualität mal Gebot, zum Preis, der es vor dem nächsten hält",
    ),
    "slot-reserve": (
        "its place by quality times bid, at the reserve",
        "sein Rang nach Qualität mal Gebot, zum Mindestpreis",
    ),
    "slot-vcg": (
        "its place by quality times bid, for the clicks that it takes from those below (VCG)",
        "sein Rang nach Qualität mal Gebot, für die Klicks, die es den unteren nimmt (VCG)",
    ),
    "equilibrium": (
        "one price for all that trade, between the lowest and the highest equilibrium price",
        "ein Preis für alle Geschäfte, zwischen dem tiefsten und höchsten Gleichgewichtspreis",
    ),
    "mcafee": (
        "one price, half way between the first bid and the first ask that do not trade (McAfee)",
        "ein Preis, mitten zwischen erstem Gebot und erster Forderung ohne Geschäft (McAfee)",
    ),
    "reduced": (
        "one trade less than possible, at the bid or ask that sits out",
        "ein Geschäft weniger als möglich, zum Gebot oder zur Forderung, die aussetzt",
    ),
    "balanced": (
        "one price, at the next ask or the last bid; no money is left over (SBBA)",
        "ein Preis, zur nächsten Forderung oder zum letzten Gebot; kein Geld bleibt übrig (SBBA)",
    ),
    "displaced-trader": (
        "the price at which it would just not trade (VCG)",
        "der Preis, zu dem es gerade nicht mehr handelte (VCG)",
    ),
    "rules": ("as the rules clear the bids", "wie die Regeln die Gebote abrechnen"),
}
"""Rule to its words in English and German."""

FIGURES: dict[str, tuple[str, str]] = {
    "price": ("price of each", "Preis je Einheit"),
    "least": ("lowest price", "niedrigster Preis"),
    "most": ("highest price", "höchster Preis"),
    "displaced": ("amounts kept from winning", "verdrängte Beträge"),
    "bid": ("its winning bids", "seine siegreichen Gebote"),
    "total": ("total of the choice", "Summe der Auswahl"),
    "off": ("taken off", "Nachlass"),
    "standing": ("standing bids", "stehende Gebote"),
    "taken-back": ("for bids taken back", "für zurückgenommene Gebote"),
    "score": ("score", "Bewertung"),
    "rival": ("score to tie with", "Bewertung des Gleichstands"),
}
"""Names of figures, which are amounts of money, in English and German."""
