"""Models written for other programs, asked again, and published whole."""
