"""Counters of the tokens of rows, with the tokenizers that are on this machine."""
