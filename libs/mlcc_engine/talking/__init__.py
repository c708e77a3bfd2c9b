"""Conversations with models in memory, in a process of its own: many replies at the same time."""
