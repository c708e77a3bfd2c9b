"""The options of the engine: declared for platforms that run it, checked, read."""
