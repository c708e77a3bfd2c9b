"""Answering the rows of an evaluation by what is deployed, many requests at once."""
