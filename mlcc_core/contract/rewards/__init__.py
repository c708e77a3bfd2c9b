"""Reward functions, and the form of their answers."""
