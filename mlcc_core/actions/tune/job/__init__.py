"""Jobs: submitted, followed, compared with their requests."""
