"""Answers of models to many rows: replies, log-probabilities and rewards, in batches."""
