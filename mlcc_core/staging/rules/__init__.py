"""The form that a row must have and is given, written once and obviously."""
