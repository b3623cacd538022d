"""A domain and preferences made in code: a print shop buys paper.

python examples/own_scenario.py
"""

from fractions import Fraction

from negotiate import Scenario, play
from negotiate.domain import Choice, Domain, Integer, Linear, LinearAdditive, Money, Role, Table
from negotiate.domain.bargaining import solve
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy

domain = Domain(
    (
        Money("price", 40_00, 60_00, 50, currency="EUR"),  # in cents, by 50 cents
        Integer("days", 1, 10),
        Choice("paper", ("recycled", "fresh")),
    )
)
buyer = LinearAdditive(
    domain,
    {
        "price": (Fraction("0.6"), Linear(Fraction(1), Fraction(0))),
        "days": (Fraction("0.1"), Linear(Fraction(1), Fraction(0))),
        "paper": (Fraction("0.3"), Table((Fraction(1), Fraction("0.2")))),
    },
    reservation=Fraction("0.3"),
)
seller = LinearAdditive(
    domain,
    {
        "price": (Fraction("0.7"), Linear(Fraction(0), Fraction(1))),
        "days": (Fraction("0.2"), Linear(Fraction(0), Fraction(1))),
        "paper": (Fraction("0.1"), Table((Fraction(1), Fraction("0.9")))),
    },
    reservation=Fraction("0.3"),
)
scenario = Scenario("paper", domain, (Role("buyer", buyer), Role("seller", seller)))

nash = solve(scenario.preferences).nash
assert nash is not None
print("Nash point  ", domain.show(nash.outcome), [u / 1e9 for u in nash.utilities])

match = play(
    AlternatingOffers(rounds=100),
    scenario,
    [strategy("micro").make(), strategy("genius-linear").make()],
)
assert match.agreement is not None
print("agreed on   ", domain.show(match.agreement), [u / 1e9 for u in match.utilities])
