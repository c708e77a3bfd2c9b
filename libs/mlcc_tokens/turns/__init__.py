"""Whole conversations: all turns, the replies that are trained, and where they stand."""
