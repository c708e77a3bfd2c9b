"""Whole conversations in a training: how rows are read, and the tokens with their labels."""
