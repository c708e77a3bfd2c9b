"""Models of a project's folder, written for other programs."""
