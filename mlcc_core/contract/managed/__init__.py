"""Managed evaluations: those that a platform runs as a job of its own."""
