"""The course of a job, told before it starts: memory, lengths, weights."""
