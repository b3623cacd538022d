"""Opponent models: what the other side likes, learnt from what it offers."""

from negotiate.strategies.models.average import Average as Average
from negotiate.strategies.models.base import OpponentModel as OpponentModel
from negotiate.strategies.models.base import Tables as Tables
from negotiate.strategies.models.base import rescaled as rescaled
from negotiate.strategies.models.baselines import DefaultModel as DefaultModel
from negotiate.strategies.models.baselines import OppositeModel as OppositeModel
from negotiate.strategies.models.baselines import PerfectModel as PerfectModel
from negotiate.strategies.models.baselines import Told as Told
from negotiate.strategies.models.baselines import UniformModel as UniformModel
from negotiate.strategies.models.baselines import WorstModel as WorstModel
from negotiate.strategies.models.bayesian import ScalableBayesian as ScalableBayesian
from negotiate.strategies.models.conflict import ConflictBased as ConflictBased
from negotiate.strategies.models.frequency import CuhkFrequency as CuhkFrequency
from negotiate.strategies.models.frequency import DiscountedFrequency as DiscountedFrequency
from negotiate.strategies.models.frequency import EarlyOffers as EarlyOffers
from negotiate.strategies.models.frequency import HardHeadedFrequency as HardHeadedFrequency
from negotiate.strategies.models.frequency import SmithFrequency as SmithFrequency
from negotiate.strategies.models.full_bayesian import FullBayesian as FullBayesian
from negotiate.strategies.models.reservation import Concession as Concession
from negotiate.strategies.models.reservation import ReservationFit as ReservationFit
from negotiate.strategies.models.windowed import WindowedFrequency as WindowedFrequency
