"""Conversations with models of this machine, which are in memory in a process of their own."""
