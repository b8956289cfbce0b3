"""What is remembered: documents, readings, jobs, editions, deliveries."""
