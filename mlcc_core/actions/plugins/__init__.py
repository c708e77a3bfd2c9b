"""Work on plugins: a new one written, an installed one checked."""
