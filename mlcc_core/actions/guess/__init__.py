"""A dataset whose technique or columns are not named: what it fits, tried and never assumed."""
