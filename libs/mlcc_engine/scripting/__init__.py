"""Scripts of users, run as jobs: surroundings, packages, output, stop, result."""
