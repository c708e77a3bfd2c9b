"""Lines that fit a terminal: broken between words, and commands so that they still run."""
