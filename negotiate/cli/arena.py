"""``nego arena``: a tournament; the main job."""

from __future__ import annotations


def arena() -> None:
    """Placeholder while the arena is being built."""
