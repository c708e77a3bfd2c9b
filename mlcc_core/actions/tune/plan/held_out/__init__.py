"""The rows of a dataset that are held out of training: which, and where they go."""
