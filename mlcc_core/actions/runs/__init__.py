"""The runs of a project: every job that it has a record of."""
