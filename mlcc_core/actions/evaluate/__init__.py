"""Two models compared on the same rows, and what came of it."""
