"""Repeats: which sentences of a document say again what another one said."""
