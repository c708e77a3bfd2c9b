"""``mlcc export``."""
