"""Words that people type: what each leads to, and those that are too much."""
