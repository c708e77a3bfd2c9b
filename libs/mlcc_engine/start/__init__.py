"""The output of an earlier run that a training goes on from."""
