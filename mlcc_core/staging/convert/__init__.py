"""The rules at speed: batches of rows to JSON lines."""
