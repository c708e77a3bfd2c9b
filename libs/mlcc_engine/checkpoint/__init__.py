"""Checkpoints: a training that was cut off goes on, and ends as if nothing had happened."""
