"""Scores of replies: reward functions and judges."""
