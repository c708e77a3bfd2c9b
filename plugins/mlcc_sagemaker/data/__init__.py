"""Datasets in S3."""
