"""A real small model, SmolLM2-135M-Instruct, made from a package of the Python package index."""
