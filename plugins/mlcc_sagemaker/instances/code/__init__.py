"""The code that a job runs: our wheel, pinned requirements, files of the user."""
