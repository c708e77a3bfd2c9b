"""Plugins found by their name, or by the address of a dataset."""
