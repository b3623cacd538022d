"""A fridge reorders milk from a shop it never met: one negotiation, printed move by move.

python examples/fridge_and_shop.py
"""

from negotiate import load, play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy

scenario = load("milk")
fridge, shop = strategy("genius-boulware").make(), strategy("micro").make()
match = play(AlternatingOffers(rounds=30), scenario, [fridge, shop], seed="monday")

for turn in match.moves:
    who = scenario.roles[turn.party].name
    what = "" if turn.outcome is None else scenario.domain.show(turn.outcome)
    print(f"{turn.round:>3} {who:<7} {turn.kind:<7} {what}")

print(f"\nended by {match.reason.value}")
for role, utility in zip(scenario.roles, match.utilities, strict=True):
    print(f"{role.name:<7} {utility / 1e9:.3f}   ({role.who})")
