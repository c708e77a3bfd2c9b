"""Deploy the output of a job, and ask it."""
