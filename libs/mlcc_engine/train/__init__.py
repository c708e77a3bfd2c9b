"""One training, from its rows to its output."""
