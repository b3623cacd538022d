"""Opponent models: what the other side likes, learnt from what it offers."""

from negotiate.strategies.models.base import OpponentModel as OpponentModel
from negotiate.strategies.models.base import Tables as Tables
from negotiate.strategies.models.base import rescaled as rescaled
from negotiate.strategies.models.bayesian import ScalableBayesian as ScalableBayesian
from negotiate.strategies.models.frequency import CuhkFrequency as CuhkFrequency
from negotiate.strategies.models.frequency import EarlyOffers as EarlyOffers
from negotiate.strategies.models.frequency import HardHeadedFrequency as HardHeadedFrequency
from negotiate.strategies.models.frequency import SmithFrequency as SmithFrequency
from negotiate.strategies.models.windowed import WindowedFrequency as WindowedFrequency
