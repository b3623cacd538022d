"""Signed negotiation: bytes and a time in, bytes and events out.

Two machines that never met negotiate over any transport; either can prove to a third party later what was agreed, by
whom, on whose behalf and within which mandate. Import what you need from the module that has it.
"""
