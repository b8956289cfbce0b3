"""One service a kind of job: each loads, thinks, and says what to save."""
