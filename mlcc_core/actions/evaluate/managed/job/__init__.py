"""Jobs of managed evaluations: written down, created once, proven, followed together."""
