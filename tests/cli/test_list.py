"""``nego list``."""

from negotiate import registry
from negotiate.domain import bundled
from tests.cli.conftest import Nego


def test_scenarios_lists_every_bundled_one_with_its_size(nego: Nego) -> None:
    data = nego("list", "scenarios", "--json").data
    assert [row["name"] for row in data] == list(bundled())
    assert next(row for row in data if row["name"] == "milk")["outcomes"] == 24


def test_strategies_lists_every_name_that_match_takes(nego: Nego) -> None:
    data = nego("list", "strategies", "--json").data
    assert [row["name"] for row in data] == list(registry.names())
    assert all(row["summary"] for row in data)


def test_protocols_lists_alternating_offers(nego: Nego) -> None:
    assert "alternating-offers" in {
        row["name"] for row in nego("list", "protocols", "--json").data
    }


def test_people_get_a_table(nego: Nego) -> None:
    assert "Milk for a fridge" in nego("list", "scenarios").out
