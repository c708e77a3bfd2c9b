"""Replies taken apart while they are made: never a text that a later token would change."""
