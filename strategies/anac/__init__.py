"""Agents of the Automated Negotiating Agents Competition, each written anew from its published rule.

One file an agent; what they share is in ``seat`` and ``pool``. How closely each follows recorded runs of the
original is tested, and told on its page.
"""
