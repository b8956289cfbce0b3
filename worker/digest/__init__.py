"""The digest: what is new, what is told, and what became of every document."""
