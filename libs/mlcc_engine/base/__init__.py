"""The base of an adapter, known by its weights."""
