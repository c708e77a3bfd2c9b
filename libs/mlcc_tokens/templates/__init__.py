"""Chat templates: tried, mended, given."""
