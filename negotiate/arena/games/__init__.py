"""Tournaments as games: who would play what, if everybody chose a strategy by what it earns in the pool.

The meta-game of Walsh, Das, Tesauro & Kephart (2002), *Analyzing complex strategic interactions in multi-agent
systems*: a move is the choice of a strategy, payoffs are the means of the tournament. :func:`analyse` gives all of it
for a run; each idea has a module of its own.
"""

from __future__ import annotations

from negotiate.arena.games.analysis import Analysis as Analysis
from negotiate.arena.games.analysis import analyse as analyse
from negotiate.arena.games.payoffs import Game as Game
from negotiate.arena.games.payoffs import game_of as game_of

__all__ = ["Analysis", "Game", "analyse", "game_of"]
