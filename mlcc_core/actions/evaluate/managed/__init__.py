"""Evaluations that a platform runs as jobs of its own: ``mlcc evaluate --managed``."""
