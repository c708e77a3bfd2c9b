"""Commands for every run of a project."""
