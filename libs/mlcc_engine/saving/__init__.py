"""The output of a training: written, and proved to be what was trained."""
