"""Working off the queue: a job claimed, done and ended; and all that is due, in order."""
