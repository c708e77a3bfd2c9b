"""Outputs of jobs, brought from S3 into files that other programs load."""
