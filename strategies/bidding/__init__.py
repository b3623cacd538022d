"""How much to bid in an auction."""

if (
    __name__ != "negotiate.strategies.bidding"
):  # the same files also lie in the top-level folder
    raise ImportError(f"import negotiate.strategies.bidding, not {__name__}")
