"""A package, because a dependency of the SageMaker SDK installs a ``tests`` of its own."""
