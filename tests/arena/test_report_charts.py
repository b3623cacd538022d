"""The charts of the report: plain data in, SVG out."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from negotiate.arena.report import colour
from negotiate.arena.report.concession import Concessions, concession_svg
from negotiate.arena.report.heat import Payoff, heat_map
from negotiate.arena.report.intervals import axis_svg, dots_svg, strip_scale, whisker_svg
from negotiate.arena.report.marks import label_near, shape
from negotiate.arena.report.replay import MOST_OUTCOMES, sample
from negotiate.arena.report.scale import Scale, around, minus, unit
from negotiate.arena.report.space import Offered, Space, outcome_space_svg
from negotiate.arena.report.standalone import standalone
from negotiate.arena.report.svg import Markup, markup, pixels, tag
from negotiate.arena.report.text import count, label
from negotiate.domain import Domain, Integer

SPACE = Space(
    roles=("buyer", "seller"),
    outcomes=[(0.0, 1.0), (0.5, 0.5), (1.0, 0.0), (0.2, 0.1)],
    total=4,
    frontier=[(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)],
    points={"Nash": (0.5, 0.5), "Kalai": (0.5, 0.5)},
    reservation=(0.1, 0.2),
    offers=[[Offered((1.0, 0.0), "buyer <1>", 1)], [Offered((0.0, 1.0), "seller 1", 2)]],
    agreement=((0.5, 0.5), "price=3"),
)


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def texts(svg: str) -> list[str]:
    return [text for element in drawn(svg).iter("text") if (text := element.text)]


def tips(svg: str) -> list[str]:
    return [text for element in drawn(svg).iter("title") if (text := element.text)]


def of_class(svg: str, name: str) -> list[ET.Element]:
    return [e for e in drawn(svg).iter() if name in e.get("class", "").split()]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><b>', "a & b", "'"])
def test_text_becomes_no_markup(text: str) -> None:
    made = tag("text", {"title": text}, text)
    assert drawn(made).text == text
    assert drawn(made).get("title") == text


def test_characters_that_reorder_text_are_made_visible() -> None:
    assert markup("a\u202eb") == "a\\u202eb"
    assert 'x="a\\u202eb"' in tag("g", {"x": "a\u202eb"})


def test_markup_is_taken_as_it_is() -> None:
    assert tag("g", {}, Markup("<a/>"), "<") == "<g><a/>&lt;</g>"


@pytest.mark.parametrize(
    ("number", "text"), [(3.0, "3"), (-0.0, "0"), (-0.04, "0"), (2.25, "2.2"), (12.37, "12.4")]
)
def test_lengths_are_short(number: float, text: str) -> None:
    assert pixels(number) == text


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.6, 0.75, ["0.60", "0.65", "0.70", "0.75"]),
        (-50, 100, ["\N{MINUS SIGN}50", "0", "50", "100"]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[str]) -> None:
    scale = Scale(low, high, 0, 100)
    assert [scale.tick_text(tick) for tick in scale.ticks()] == ticks


@pytest.mark.parametrize("values", [[], [0.7], [0.7, 0.7], [0.1, 0.9], [-3.0, 1000.0]])
def test_an_axis_holds_its_values(values: list[float]) -> None:
    low, high = around(values)
    assert low < high
    assert all(low <= value <= high for value in values)


def test_utilities_are_drawn_from_0_to_1_unless_one_lies_outside() -> None:
    assert unit([0.3, 0.4]) == (0, 1)
    assert unit([0.3, 1.7]) == (0, 2)


def test_no_minus_before_zero() -> None:
    assert [minus("-0.00"), minus("-1.50"), minus("0.00")] == [
        "0.00",
        "\N{MINUS SIGN}1.50",
        "0.00",
    ]


def test_every_shade_can_be_written_on() -> None:
    shades = [colour.shade(i / 500) for i in range(501)]
    assert min(colour.contrast(colour.ink(shade), shade) for shade in shades) >= 4.5


def test_shades_rise_in_brightness() -> None:
    against_black = [colour.contrast("#000000", colour.shade(i / 50)) for i in range(51)]
    assert all(a < b for a, b in pairwise(against_black))


def test_heat_map_shows_each_pair_once() -> None:
    payoffs = {("a", "b"): Payoff(0.25, 0.01, 1200), ("b", "a"): Payoff(0.75, None, 3)}
    heat = heat_map(("a", "b"), payoffs)
    assert [[cell.mean for cell in row.cells] for row in heat.rows] == [
        [None, 0.25],
        [0.75, None],
    ]
    assert (
        heat.rows[0].cells[1].tip
        == "a against b: 0.250, standard error 0.010; 1,200 negotiations"
    )
    assert heat.rows[0].cells[0].tip == "a against a: no negotiation that counts"
    assert heat.rows[0].cells[0].own


def test_heat_map_of_one_value_has_no_ramp() -> None:
    assert heat_map(("a",), {("a", "a"): Payoff(0.5, None, 1)}).ramp == ()


def test_whisker_stands_where_the_numbers_are() -> None:
    scale = strip_scale([0.0, 1.0])
    svg = whisker_svg(scale, 0.5, 0.25, 0.75, "x: 0.5")
    (dot,), (bar,) = of_class(svg, "mean"), of_class(svg, "range")
    assert (bar.get("x1"), dot.get("cx"), bar.get("x2")) == ("27.00%", "50.00%", "73.00%")


def test_axis_of_a_strip_names_its_ticks() -> None:
    assert texts(axis_svg(strip_scale([0.4, 0.8]))) == ["0.4", "0.5", "0.6", "0.7", "0.8"]


def test_dots_tell_who_they_are() -> None:
    svg = dots_svg(strip_scale([0.0, 1.0]), [("best", 0.9), ("<other>", 0.4)], "two")
    assert sorted(tips(svg)) == ["<other>: 0.400", "best: 0.900"]
    assert len(of_class(svg, "mean")) == 1


def test_outcome_space_names_its_axes_and_points() -> None:
    found = texts(outcome_space_svg(SPACE))
    assert {"utility of buyer", "utility of seller", "Nash, Kalai", "4 outcomes"} <= set(found)


def test_outcome_space_explains_offers_and_agreement() -> None:
    assert {"buyer <1>", "seller 1", "price=3"} <= set(tips(outcome_space_svg(SPACE)))


def test_offers_carry_the_number_of_their_move() -> None:
    marks = [e for e in drawn(outcome_space_svg(SPACE)).iter() if e.get("data-m")]
    assert [e.get("data-m") for e in marks] == ["1", "2"]
    assert [e.tag for e in marks] == ["circle", "rect"]  # shapes differ, not only colours


def test_each_of_four_parties_has_a_shape_of_its_own() -> None:
    drawn_shapes = [drawn(shape(party, 10, 10, 3)) for party in range(4)]
    assert len({(one.tag, one.get("d")) for one in drawn_shapes}) == 4


def test_outcomes_that_look_alike_are_one_dot() -> None:
    many = Space(("a", "b"), [(0.5, 0.5)] * 900 + [(0.5, 0.50001), (0.9, 0.9)], 902)
    (cloud,) = of_class(outcome_space_svg(many), "cloud")
    assert cloud.get("d", "").count("z") == 2


def test_a_sample_of_outcomes_says_so() -> None:
    few = Space(("a", "b"), [(0.5, 0.5)], 10**9)
    assert "1 of 1,000,000,000 outcomes" in texts(outcome_space_svg(few))


def test_an_empty_outcome_space_is_drawn() -> None:
    assert "utility of a" in texts(outcome_space_svg(Space(("a", "b"), [], 0)))


def test_utilities_outside_0_to_1_are_on_the_chart() -> None:
    svg = outcome_space_svg(Space(("a", "b"), [(12.0, -3.0)], 1))
    (cloud,) = of_class(svg, "cloud")
    x, y = map(int, cloud.get("d", "").strip("Mz").split())
    assert 52 <= x / 4 <= 446
    assert 12 <= y / 4 <= 406


def test_solution_labels_neither_overlap_nor_leave_the_chart() -> None:
    spots = [(390.0, 20.0, "Nash"), (392.0, 22.0, "Kalai"), (391.0, 24.0, "egalitarian")]
    placed = label_near(spots, (0, 0, 400, 400))
    assert len({(y, anchor) for _, y, _, anchor in placed}) == 3
    assert all(anchor == "end" for _, _, _, anchor in placed)


def test_a_chart_can_be_a_file_of_its_own() -> None:
    root = drawn(standalone(outcome_space_svg(SPACE)))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "--chart-ink" in (root[0].text or "")


def concessions(rounds: int = 10) -> Concessions:
    return Concessions(
        roles=("buyer", "seller"),
        own=[[(1, 1.0), (rounds, 0.6)], [(1, 0.9)]],
        received=[[(1, 0.1)], []],
        reservation=[0.3, 0.2],
        agreement=(rounds, (0.6, 0.7)),
        rounds=rounds,
    )


def test_concessions_mark_the_agreement_for_each_party() -> None:
    found = tips(concession_svg(concessions()))
    assert {"agreement: 0.600 to buyer", "agreement: 0.700 to seller"} <= set(found)


def test_rounds_on_the_axis_are_whole() -> None:
    for rounds in (1, 2, 3, 7, 100, 5000):
        labels = texts(concession_svg(concessions(rounds)))
        assert "1" in labels
        across = labels[: labels.index("0.0")]
        assert all("." not in label for label in across)


def test_all_outcomes_of_a_small_domain_are_sampled() -> None:
    domain = Domain((Integer("a", 0, 9), Integer("b", 0, 9)))
    assert sample(domain) == list(domain.outcomes())


def test_a_sample_has_no_outcome_twice_and_reaches_every_value() -> None:
    domain = Domain((Integer("a", 0, 999), Integer("b", 0, 9), Integer("c", 0, 99)))
    drawn_outcomes = sample(domain)
    assert len(set(drawn_outcomes)) == len(drawn_outcomes) == MOST_OUTCOMES
    assert {b for _, b, _ in drawn_outcomes} == set(range(10))
    assert len({a for a, _, _ in drawn_outcomes}) > 900
    assert drawn_outcomes == sample(domain)


def test_long_and_hostile_names_are_cut_and_made_visible() -> None:
    assert label("x" * 500) == "x" * 80 + "…"
    assert len(label("\u202e" * 500)) <= 161
    assert label("plain") == "plain"


def test_sizes_of_domains_are_readable() -> None:
    assert [count(24), count(759_402), count(10**14)] == [
        "24",
        "759,402",
        "1.0 \N{MULTIPLICATION SIGN} 10^14",
    ]
