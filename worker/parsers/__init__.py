"""What strangers wrote becomes plain values; runs in a process of its own."""
