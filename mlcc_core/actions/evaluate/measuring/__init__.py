"""Metrics chosen, answers measured, and the means of two models compared."""
