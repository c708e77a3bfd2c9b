"""Bytes to batches of rows, one file a format."""
