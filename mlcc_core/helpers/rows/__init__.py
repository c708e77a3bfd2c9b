"""Rows of sources that have no files."""
