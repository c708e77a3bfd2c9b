"""``mlcc push``."""
