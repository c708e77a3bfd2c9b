"""The request of a job, and all that it refers to."""
