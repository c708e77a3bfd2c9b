"""The process in which mlcc runs."""
