"""Public help for plugins and for every room of the core."""
