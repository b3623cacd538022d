"""A small valid scenario of each format, for tests that damage them."""

from negotiate.domain.formats import write
from negotiate.domain.scenario import load

_TOML = write(load("shared-van")).encode()

_TEMPLATE = b"""<negotiation_template><utility_space><objective index="0" name="car">
<issue index="1" name="colour" type="discrete"><item value="red"/><item value="blue"/></issue>
<issue index="2" name="doors" type="integer" lowerbound="2" upperbound="5"/>
<issue index="3" name="price" type="real"><range lowerbound="1" upperbound="2"/></issue>
</objective></utility_space></negotiation_template>"""
_SPACE = b"""<utility_space><objective index="0" name="car">
<weight index="1" value="0.5"/><weight index="2" value="0.3"/><weight index="3" value="0.2"/>
<issue index="1" name="colour" type="discrete">
<item value="red" evaluation="3" cost="0.5"/><item value="blue" evaluation="1"/></issue>
<issue index="2" name="doors" type="integer" lowerbound="2" upperbound="5">
<evaluator slope="0.3" offset="0.1"/></issue>
<issue index="3" name="price" type="price"><range lowerbound="1" upperbound="2"/></issue>
</objective><discount_factor value="0.9"/><reservation value="0.1"/></utility_space>"""

_DOMAIN = b"""{"name": "d", "issuesValues": {"a": {"values": ["x", "y"]},
"b": {"range": {"low": 1, "high": 2.5, "step": 0.5}}}}"""
_PROFILE = b"""{"LinearAdditiveUtilitySpace": {"issueWeights": {"a": 0.5, "b": 0.5},
"reservationBid": {"issuevalues": {"a": "x", "b": 1.5}}, "issueUtilities": {
"a": {"DiscreteValueSetUtilities": {"valueUtilities": {"x": 0.5, "y": 1}}},
"b": {"NumberValueSetUtilities":
{"lowValue": 1, "lowUtility": 0, "highValue": 2.5, "highUtility": 1}}}}}"""
_LOG = b"""{"reservationValue": 0.1, "issueWeights": {"a": 0.4, "b": 0.6},
"issues": {"a": {"x": 0.1, "y": 1.0}, "b": {"u": 0, "v": 0.5}}}"""
_MAS = b"""issues:
- {name: a, type: ContiguousIssue, values: [0, 3]}
- {name: b, type: CategoricalIssue, values: [x, 'yes', 1.5]}
name: d
type: DiscreteCartesianOutcomeSpace
"""
_UFUN = b"""reserved_value: 0.1
type: LinearAdditiveUtilityFunction
values:
- {bias: 1.0, slope: -0.1, type: AffineFun}
- mapping: {x: 0.5, 'yes': 1.0, 1.5: 0.2}
  type: TableFun
weights: [0.5, 0.5]
"""
_TALK = b"""{"dialogue_id": 7, "issues": ["Food", "Water"], "packages_each": 3, "accepted": true,
"mturk_agent_1": {"values": {"Food": 5, "Water": 4}, "points": 20},
"mturk_agent_2": {"values": {"Food": 3, "Water": 4}, "points": 19}}""".replace(b"\n", b" ")
_CUSTOMER = b"""id: customer_0001
name: Ann
menu_features: {Taco: 4.00, Flan: 6}
amenity_features: [Parking]
"""
_BUSINESS = b"""id: business_0001
name: Casa
menu_features: {Taco: 2.50, Flan: 5.5, Soup: 9}
amenity_features: {Parking: true}
min_price_factor: 0.75
"""

SEEDS: list[dict[str, bytes]] = [
    {"van.toml": _TOML},
    {"t.xml": _TEMPLATE, "a.xml": _SPACE, "b.xml": _SPACE},
    {"d.json": _DOMAIN, "a.json": _PROFILE, "b.json": _PROFILE},
    {"a.json": _LOG, "b.json": _LOG},
    {"d.yml": _MAS, "a.yml": _UFUN, "b.yml": _UFUN},
    {"talks.jsonl": _TALK + b"\n" + _TALK.replace(b"7", b"8")},
    {"customers/c.yaml": _CUSTOMER, "businesses/b.yaml": _BUSINESS},
]
