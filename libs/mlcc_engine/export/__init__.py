"""Models written for other programs: merged, as an adapter, as GGUF."""
