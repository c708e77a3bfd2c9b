"""Serve the project's models."""
