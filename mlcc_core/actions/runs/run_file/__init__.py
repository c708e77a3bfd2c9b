"""Run files: their keys, read, written, and what a run was given."""
