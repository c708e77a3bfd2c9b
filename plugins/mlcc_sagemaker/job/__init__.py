"""Jobs: submitted, watched, read."""
