"""Staging from top to bottom: look, convert, check."""
