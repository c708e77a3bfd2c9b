"""Text of JSON: lines, and objects that lie otherwise."""
