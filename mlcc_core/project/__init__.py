"""A project on disk: ``do/config`` and ``.mlcc``."""
