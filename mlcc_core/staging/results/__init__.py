"""Results of a pass: errors, rejects, lengths."""
