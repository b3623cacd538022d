"""How to play: one file a family of strategies, found by name through ``negotiate.registry``."""

if __name__ != "negotiate.strategies":  # the same files also lie in the top-level folder
    raise ImportError(f"import negotiate.strategies, not {__name__}")
