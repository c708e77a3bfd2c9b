"""Colours and tables of a terminal."""
