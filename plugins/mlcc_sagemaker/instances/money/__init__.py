"""Prices of training jobs: hours of instances, before a job and after it."""
