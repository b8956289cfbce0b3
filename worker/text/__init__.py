"""Text as it is written: sentences and where they stand, words, likeness, identity."""
