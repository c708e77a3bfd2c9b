"""Training jobs on instances that users choose, with the engine ``trl`` in AWS's own image."""
