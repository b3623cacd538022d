"""The rules of each game: one file a protocol, imported from the file."""

if __name__ != "negotiate.protocols":  # the same files also lie in the top-level folder
    raise ImportError(f"import negotiate.protocols, not {__name__}")
