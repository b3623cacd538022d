"""The built-in names, and where their classes are; :mod:`negotiate.registry` resolves them."""

from __future__ import annotations

_TIME = "negotiate.strategies.time_dependent"
_ANAC = "negotiate.strategies.anac"
_TRADING = "negotiate.strategies.trading"
_BIDDING = "negotiate.strategies.bidding"

STRATEGIES: dict[str, str] = {
    "time_dependent": f"{_TIME}:TimeDependent",
    "exponential": f"{_TIME}:Exponential",
    "per_issue": "negotiate.strategies.per_issue:PerIssue",
    "aspiration": f"{_TIME}:Aspiration",
    "bezier": f"{_TIME}:Bezier",
    "tit_for_tat": "negotiate.strategies.tit_for_tat:RelativeTitForTat",
    "averaged_tit_for_tat": "negotiate.strategies.tit_for_tat:AveragedTitForTat",
    "absolute_tit_for_tat": "negotiate.strategies.tit_for_tat:AbsoluteTitForTat",
    "naive_tit_for_tat": "negotiate.strategies.tit_for_tat:NaiveTitForTat",
    "resource_dependent": "negotiate.strategies.resource:ResourceDependent",
    "micro": "negotiate.strategies.micro:Micro",
    "random": "negotiate.strategies.random_offers:RandomAboveReservation",
    "hybrid": "negotiate.strategies.hybrid:Hybrid",
    "composed": "negotiate.strategies.offering:Composed",
    "optimal_bidder": "negotiate.strategies.optimal:OptimalBidder",
    "optimal_stopper": "negotiate.strategies.optimal:OptimalStopper",
    "stock_seller": "negotiate.strategies.commerce:StockSeller",
    "replenishing_buyer": "negotiate.strategies.commerce:ReplenishingBuyer",
    "multi_criteria_buyer": "negotiate.strategies.multi_criteria:MultiCriteriaBuyer",
    "market_driven": "negotiate.strategies.market_driven:MarketDriven",
    "consensus": "negotiate.strategies.multilateral:Consensus",
    "ratchet": "negotiate.strategies.repeated:Ratchet",
    "portfolio": "negotiate.strategies.repeated:Portfolio",
    "agentk": f"{_ANAC}.agentk:AgentK",
    "hardheaded": f"{_ANAC}.hardheaded:HardHeaded",
    "nice_tit_for_tat": f"{_ANAC}.nice_tit_for_tat:NiceTitForTat",
    "cuhkagent": f"{_ANAC}.cuhkagent:CUHKAgent",
    "thefawkes": f"{_ANAC}.thefawkes:TheFawkes",
    "atlas3": f"{_ANAC}.atlas3:Atlas3",
    "ponpoko": f"{_ANAC}.ponpoko:PonPoko",
    "agreeable": f"{_ANAC}.agreeable:Agreeable",
    "agentgg": f"{_ANAC}.agentgg:AgentGG",
    "dreamteam109": f"{_ANAC}.dreamteam109:DreamTeam109",
    "chargingboul": f"{_ANAC}.chargingboul:ChargingBoul",
    "uoagent": f"{_ANAC}.uoagent:UOAgent",
    "genius-boulware": "time_dependent[e=0.2]",
    "genius-linear": "time_dependent[e=1.0]",
    "genius-conceder": "time_dependent[e=2.0]",
    "genius-hardliner": "time_dependent[e=0.0]",
    "negmas-boulware": "aspiration[x=4.0]",
    "negmas-linear": "aspiration[x=1.0]",
    "negmas-conceder": "aspiration[x=0.25]",
    "negmas-hardliner": "time_dependent[e=0.0]",
    "negolog-boulware": "bezier[p0=1.0,p1=0.85,p2=0.4]",
    "negolog-linear": "bezier[p0=1.0,p1=0.7,p2=0.4]",
    "negolog-conceder": "bezier[p0=1.0,p1=0.55,p2=0.4]",
    "negolog-hardliner": "bezier[p0=1.0,p1=1.0,p2=1.0]",
}
"""Built-in names; a value is ``module:Class``, or a preset of another name with its parameters."""

_ACCEPTANCE = "negotiate.strategies.acceptance"
_MODELS = "negotiate.strategies.models"

ACCEPTANCE: dict[str, str] = {
    "ac_next": f"{_ACCEPTANCE}:AcNext",
    "ac_previous": f"{_ACCEPTANCE}:AcPrevious",
    "ac_const": f"{_ACCEPTANCE}:AcConst",
    "ac_time": f"{_ACCEPTANCE}:AcTime",
    "ac_gap": f"{_ACCEPTANCE}:AcGap",
    "ac_next_or_time": f"{_ACCEPTANCE}:AcNextOrTime",
    "ac_aspiration": f"{_ACCEPTANCE}:AcAspiration",
    "ac_combi": f"{_ACCEPTANCE}:AcCombi",
    "ac_combi_average": f"{_ACCEPTANCE}:AcCombiAverage",
    "ac_combi_best_average": f"{_ACCEPTANCE}:AcCombiBestAverage",
    "ac_combi_probability": f"{_ACCEPTANCE}:AcCombiProbability",
}
"""Acceptance rules for the strategy ``composed``."""

MODELS: dict[str, str] = {
    "hardheaded_frequency": f"{_MODELS}:HardHeadedFrequency",
    "smith": f"{_MODELS}:SmithFrequency",
    "cuhk": f"{_MODELS}:CuhkFrequency",
    "windowed": f"{_MODELS}:WindowedFrequency",
    "negolog-windowed": "windowed[window=48,proportions=True,until=0.8]",
    "discounted_frequency": f"{_MODELS}:DiscountedFrequency",
    "early_offers": f"{_MODELS}:EarlyOffers",
    "bayesian": f"{_MODELS}:ScalableBayesian",
    "full_bayesian": f"{_MODELS}:FullBayesian",
    "conflict_based": f"{_MODELS}:ConflictBased",
    "average": f"{_MODELS}:Average",
    "bayesian-early": "average[first=bayesian,second=early_offers,share=0.3]",
    "bayesian-conflict": "average[first=bayesian,second=conflict_based,share=0.3]",
    "uniform": f"{_MODELS}:UniformModel",
    "default": f"{_MODELS}:DefaultModel",
    "opposite": f"{_MODELS}:OppositeModel",
    "perfect": f"{_MODELS}:PerfectModel",
    "worst": f"{_MODELS}:WorstModel",
}
"""Opponent models; those that must be told the opponent's preferences serve in evaluation only."""

BIDDERS: dict[str, str] = {
    "truthful": f"{_BIDDING}.truthful:Truthful",
    "proxy": f"{_BIDDING}.truthful:Proxy",
    "sniper": f"{_BIDDING}.truthful:Sniper",
    "demand_reduction": f"{_BIDDING}.truthful:DemandReduction",
    "first_price_equilibrium": f"{_BIDDING}.shading:FirstPriceEquilibrium",
    "all_pay": f"{_BIDDING}.shading:AllPayEquilibrium",
    "linear_double": f"{_BIDDING}.linear:LinearDouble",
    "monopoly_price": f"{_BIDDING}.pricing:MonopolyPrice",
    "ucb_price": f"{_BIDDING}.pricing:UcbPrice",
    "exp3_price": f"{_BIDDING}.pricing:Exp3Price",
    "gradient_price": f"{_BIDDING}.pricing:GradientPrice",
    "zic": f"{_TRADING}.zero_intelligence:ZeroIntelligence",
    "ziu": f"{_TRADING}.zero_intelligence:Unconstrained",
    "zip": f"{_TRADING}.zip:ZeroIntelligencePlus",
    "gd": f"{_TRADING}.gd:GjerstadDickhaut",
    "gdx": f"{_TRADING}.gd:GDX",
    "aa": f"{_TRADING}.adaptive:AdaptiveAggressive",
    "kaplan": f"{_TRADING}.simple:Kaplan",
    "giveaway": f"{_TRADING}.simple:Giveaway",
    "shaver": f"{_TRADING}.simple:Shaver",
}
"""Built-in names of bidders and traders; values as in :data:`STRATEGIES`."""

PROTOCOLS: dict[str, str] = {
    "alternating-offers": "negotiate.protocols.alternating_offers:AlternatingOffers",
    "sealed-bid": "negotiate.protocols.sealed_bid:SealedBid",
    "english": "negotiate.protocols.english:English",
    "clock-auction": "negotiate.protocols.clock_auction:ClockAuction",
    "call-market": "negotiate.protocols.call_market:CallMarket",
    "contract-net": "negotiate.protocols.contract_net:ContractNet",
    "posted-price": "negotiate.protocols.posted_price:PostedPrice",
    "continuous-market": "negotiate.protocols.continuous:ContinuousMarket",
    "multi-unit": "negotiate.protocols.multi_unit:MultiUnit",
    "ascending-clock": "negotiate.protocols.ascending_clock:AscendingClock",
    "simultaneous-ascending": "negotiate.protocols.simultaneous_ascending:SimultaneousAscending",
    "unit-demand": "negotiate.protocols.unit_demand:UnitDemand",
    "combinatorial": "negotiate.protocols.combinatorial:Combinatorial",
    "combinatorial-clock": "negotiate.protocols.combinatorial_clock:CombinatorialClock",
    "scoring": "negotiate.protocols.scoring_auction:ScoringAuction",
    "position": "negotiate.protocols.position_auction:PositionAuction",
    "double-auction": "negotiate.protocols.double_auction:DoubleAuction",
}
"""Built-in protocols."""
