"""The unbury command."""
