"""Markets as files: the bundled ones, and what is said of a file that does not read."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from negotiate.domain.markets import bundled_markets, load_market
from negotiate.errors import FormatError, UnknownName

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'format = "negotiate-market"\nversion = 1\n'
LOT = HEAD + 'model = "private"\nseats = 3\n'
VALUE = 'value = { distribution = "uniform", low = 0, high = 10 }\n'


@pytest.mark.parametrize("name", bundled_markets())
def test_every_bundled_market_loads_says_what_it_is_and_travels(name: str) -> None:
    market = load_market(name)
    assert market.title
    assert market.description
    assert market.origin == name
    assert pickle.loads(pickle.dumps(market)) == market
    assert market.bounds[0] < market.bounds[1]


def test_digests_tell_markets_apart() -> None:
    digests = {load_market(name).digest for name in bundled_markets()}
    assert len(digests) == len(bundled_markets())


def saved(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_a_file_is_a_market_with_its_name(tmp_path: Path) -> None:
    market = load_market(saved(tmp_path, LOT + VALUE + 'title = "mine"\noutside = 4\n'))
    assert (market.name, market.form, market.seats, market.outside) == ("mine", "sale", 3, 4)
    assert market.origin == str(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'format' is missing"),
        ('format = "x"\n', "'negotiate-market' is expected"),
        (HEAD, "'model' is missing"),
        (HEAD + 'model = "privat"', "did you mean 'private'?"),
        (HEAD + 'model = "private"\n' + VALUE, "'seats' is missing"),
        (LOT, "'value' is missing"),
        (LOT + VALUE + "sets = 2\n", "did you mean 'seats'?"),
        (LOT + VALUE.replace("uniform", "unifrom"), "$.value.distribution"),
        (LOT + VALUE.replace("high = 10", "high = 0"), "0 <= low < high"),
        (LOT + VALUE.replace("low = 0", 'low = "a"'), "$.value.low"),
        (LOT + VALUE.replace("low", "lo"), "unknown key 'lo'"),
        (LOT.replace("3", "0") + VALUE, "1 to 1,000 are expected"),
        (LOT + f"value = [{VALUE[8:-1]}, {VALUE[8:-1]}]\n", "this model has 2"),
        (HEAD + 'model = "schedule"\nbuyers = []\nsellers = [1]\n', "buyers and sellers"),
        (HEAD + 'model = "schedule"\nbuyers = { first = 1 }\nsellers = [1]\n', "'last' is missing"),
        (LOT + 'value = { distribution = "cdf", points = [[0, 0], [5, "1/2"]] }\n', "run from 0 to 1"),
        ("\x00", "binary data"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(FormatError) as told:
        load_market(saved(tmp_path, text))
    assert said in str(told.value)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'box-market'"):
        load_market("box-markt")
