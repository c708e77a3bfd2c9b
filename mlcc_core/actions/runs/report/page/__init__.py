"""The page of a report: HTML that escapes everything, with its style and its search."""
