"""Model cards, made of the records of runs."""
