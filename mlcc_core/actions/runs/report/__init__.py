"""A report of a run for people who would rather look: gathered, drawn, one HTML file."""
