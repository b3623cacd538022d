"""Compositions by name: an offering rule, an acceptance rule and an opponent model in one line of text."""

import pytest

from negotiate import registry
from negotiate.checks import check_strategy
from negotiate.domain.issues import Outcome
from negotiate.domain.preferences import SCALE
from negotiate.errors import NegotiateError, StrategyError, UnknownName
from negotiate.match import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.acceptance import AcCombi, AcNext
from negotiate.strategies.models import Average, ScalableBayesian, SmithFrequency
from negotiate.strategies.offering import Composed
from negotiate.strategies.time_dependent import TimeDependent
from tests.arena.conftest import scenario
from tests.strategies.test_vast import vast

LEARNT = [name for name in registry.MODELS if name not in {"perfect", "worst"}]


def made(text: str) -> Composed:
    found = registry.strategy(text).make()
    assert isinstance(found, Composed)
    return found


def test_parts_are_named_in_brackets() -> None:
    found = made(
        "composed[offering=time_dependent[e=2.0],acceptance=ac_combi[t=0.9],model=smith]"
    )
    assert found.offering == TimeDependent(e=2.0)
    assert found.acceptance == AcCombi(t=0.9)
    assert isinstance(found.model, SmithFrequency)


def test_parts_have_defaults() -> None:
    found = made("composed")
    assert (found.offering, found.acceptance, found.model) == (TimeDependent(), AcNext(), None)


def test_parts_have_parts() -> None:
    found = made("composed[model=average[first=bayesian[sigma=0.5],second=bayesian-early]]")
    model = found.model
    assert isinstance(model, Average)
    assert model.first == ScalableBayesian(sigma=0.5)
    assert isinstance(model.second, Average)


def test_the_name_of_a_composition_is_stable() -> None:
    text = "composed[offering=genius-linear,model=smith]"
    assert registry.strategy(text).id == "composed[model=smith,offering=genius-linear]"
    assert registry.strategy(registry.strategy(text).id).id == registry.strategy(text).id


def test_each_seat_gets_parts_of_its_own() -> None:
    spec = registry.strategy("composed[model=smith]")
    one, other = spec.make(), spec.make()
    assert isinstance(one, Composed)
    assert isinstance(other, Composed)
    assert one.model is not other.model


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("composed[offering=micro]", "part"),
        ("composed[acceptance=smith]", "unknown-name"),
        ("composed[model=smyth]", "unknown-name"),
        ("composed[model=perfect]", "part"),
        ("composed[model=smith[a=1]]", "parameter"),
        ("composed[model=negotiate:play]", "not-a-class"),
        ("composed[model=[smith]]", "notation"),
        ("composed[model=smith[]", "notation"),
        ("composed[model=average[share=2]]", "parameter"),
    ],
)
def test_parts_that_do_not_fit_are_told(text: str, code: str) -> None:
    with pytest.raises(NegotiateError) as told:
        registry.strategy(text)
    assert told.value.code == code


def test_a_wrong_part_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no opponent model 'smyth'; did you mean 'smith'"):
        registry.strategy("composed[model=smyth]")


def test_what_is_no_model_is_told() -> None:
    with pytest.raises(StrategyError) as told:
        registry.model("negotiate:Offer")
    assert told.value.code in {"not-a-model", "parameter"}


def test_a_model_makes_proposals_better_for_the_opponent_at_no_cost() -> None:
    own, other = vast().preferences
    plain, better = (_offers(model) for model in ("None", "smith"))
    for one, improved in zip(plain, better, strict=False):
        assert own.utility(improved) >= own.utility(one)
    # Until the first offer has been heard there is nothing to go by.
    shared = min(len(plain), len(better))
    gained = [other.utility(better[k]) - other.utility(plain[k]) for k in range(1, shared)]
    assert sum(gained) / len(gained) > 0.1 * SCALE


def _offers(model: str) -> list[Outcome]:
    """What a composition with this model offers a rival that does not move."""
    agents = [
        registry.strategy(f"composed[offering=genius-linear,model={model}]").make(),
        registry.strategy("genius-hardliner").make(),
    ]
    match = play(AlternatingOffers(rounds=40), vast(), agents)
    return [
        turn.outcome for turn in match.moves if turn.party == 0 and turn.outcome is not None
    ]


@pytest.mark.parametrize("model", LEARNT)
def test_a_composition_with_any_model_keeps_the_rules(model: str) -> None:
    match = play(
        AlternatingOffers(rounds=20),
        scenario("small"),
        [
            registry.strategy(f"composed[offering=genius-conceder,model={model}]").make(),
            registry.strategy("random").make(),
        ],
    )
    assert match.fault is None, match.error


def test_a_composition_passes_every_check() -> None:
    report = check_strategy("composed[acceptance=ac_combi,model=bayesian]", count=10)
    assert report.findings == (), str(report)


def test_of_several_opponents_each_has_its_own_model() -> None:
    report = check_strategy("composed[offering=genius-linear,model=smith]", count=10, seed=3)
    assert report.findings == (), str(report)
