"""Handing an edition over."""
