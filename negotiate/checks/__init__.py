"""The conformance checker: finds everything at once, and says what to do about it.

``check_strategy`` plays a strategy in scenarios made from a seed and in the corners where strategies break;
``check_bidder`` does the same for bidders, in auctions and markets;
``check_protocol`` walks through a protocol and tries what its table forbids;
``check_apart`` checks a strategy in a process of its own, in bounded time. All return a
:class:`~negotiate.checks.report.Report`: true when the rules are kept, text for people, a dict for machines.
"""

from negotiate.checks.apart import check_apart as check_apart
from negotiate.checks.bidders import check_bidder as check_bidder
from negotiate.checks.protocols import check_protocol as check_protocol
from negotiate.checks.report import Finding as Finding
from negotiate.checks.report import Report as Report
from negotiate.checks.report import Severity as Severity
from negotiate.checks.strategies import check_strategy as check_strategy
