"""Columns by their names: likely ones, those that a map names, those within others."""
