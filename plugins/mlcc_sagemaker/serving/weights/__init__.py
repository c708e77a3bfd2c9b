"""Weights that are deployed: found in S3 or on this machine, checked, packed."""
