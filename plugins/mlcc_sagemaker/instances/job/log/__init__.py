"""The log of a job: lines for programs, and lines for people."""
