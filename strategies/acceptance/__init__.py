"""Acceptance rules for :class:`~negotiate.strategies.offering.Composed`.

Source: Baarslag, Hindriks & Jonker (2013), "Acceptance conditions in automated negotiation". Utilities below are
in [0, 1], as people write them.
"""

from negotiate.strategies.acceptance.combined import AcCombi as AcCombi
from negotiate.strategies.acceptance.combined import AcCombiAverage as AcCombiAverage
from negotiate.strategies.acceptance.combined import AcCombiBestAverage as AcCombiBestAverage
from negotiate.strategies.acceptance.combined import AcCombiProbability as AcCombiProbability
from negotiate.strategies.acceptance.rules import AcAspiration as AcAspiration
from negotiate.strategies.acceptance.rules import AcConst as AcConst
from negotiate.strategies.acceptance.rules import AcGap as AcGap
from negotiate.strategies.acceptance.rules import AcNext as AcNext
from negotiate.strategies.acceptance.rules import AcNextOrTime as AcNextOrTime
from negotiate.strategies.acceptance.rules import AcPrevious as AcPrevious
from negotiate.strategies.acceptance.rules import AcTime as AcTime
