"""Deployed models and adapters."""
