"""All that happens to a job: submitted, followed, proved."""
