"""Platforms, and the four parts that they are made of."""
