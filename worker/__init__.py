"""Unbury: each morning a short digest, every sentence quoted word for word from its source."""
