"""The suites of the parts that platforms are made of."""
