"""A sign of life while a command is silent, for all commands alike."""
