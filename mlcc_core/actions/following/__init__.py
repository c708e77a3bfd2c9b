"""Jobs followed to their ends, whatever they run."""
