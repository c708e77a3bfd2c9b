"""All that is decided before money is spent."""
