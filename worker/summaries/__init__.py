"""Summaries: a score for every sentence, then a choice among them."""
