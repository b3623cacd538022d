"""What is negotiated, and what it is worth: issues, domains, preferences, scenarios."""

from negotiate.domain.issues import Choice as Choice
from negotiate.domain.issues import Date as Date
from negotiate.domain.issues import Domain as Domain
from negotiate.domain.issues import Integer as Integer
from negotiate.domain.issues import Issue as Issue
from negotiate.domain.issues import Money as Money
from negotiate.domain.issues import Outcome as Outcome
from negotiate.domain.issues import Quantity as Quantity
from negotiate.domain.preferences import SCALE as SCALE
from negotiate.domain.preferences import Linear as Linear
from negotiate.domain.preferences import LinearAdditive as LinearAdditive
from negotiate.domain.preferences import PiecewiseLinear as PiecewiseLinear
from negotiate.domain.preferences import Table as Table
from negotiate.domain.preferences import group_of as group_of
from negotiate.domain.scenario import Role as Role
from negotiate.domain.scenario import Scenario as Scenario
from negotiate.domain.scenario import bundled as bundled
from negotiate.domain.scenario import load as load
from negotiate.domain.scenario import load_all as load_all
