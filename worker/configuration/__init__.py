"""Where what can be set comes from, and what is wrong with it."""
