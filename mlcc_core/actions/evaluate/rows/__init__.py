"""The rows of an evaluation: held out of a training, or of another dataset."""
