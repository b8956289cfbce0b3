"""Order: one canonical order for shuffled text, then one that reads."""
