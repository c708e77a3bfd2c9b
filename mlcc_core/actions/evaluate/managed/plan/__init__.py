"""Planning of managed evaluations: models, rows, jobs and their names; nothing is created."""
