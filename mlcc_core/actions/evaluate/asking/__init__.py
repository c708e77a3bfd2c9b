"""Models that are asked, and their answers, which are stored as they come."""
