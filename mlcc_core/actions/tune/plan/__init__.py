"""Decisions before money is spent."""
