"""Commands for models that are deployed."""
