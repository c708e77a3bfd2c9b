"""Entry points found, checked, registered and called."""
