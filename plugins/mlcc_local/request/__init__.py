"""The request of a training job, and all that it refers to."""
