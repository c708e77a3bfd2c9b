"""Rows that are held out of a training: measured before, during and after it; the best is kept."""
