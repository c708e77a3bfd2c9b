"""Models that a user names: where they are, and whether they are ready."""
