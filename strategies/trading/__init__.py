"""How to trade in a double auction."""

if (
    __name__ != "negotiate.strategies.trading"
):  # the same files also lie in the top-level folder
    raise ImportError(f"import negotiate.strategies.trading, not {__name__}")
