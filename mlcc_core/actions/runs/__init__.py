"""The runs of a project: every job that it has a record of, and the latest of each technique."""
