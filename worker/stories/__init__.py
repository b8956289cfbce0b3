"""Stories: which documents tell of the same event, and how each came to its story."""
