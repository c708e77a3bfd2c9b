"""The results of evaluations, found in S3 and read."""
