"""Job folders: what is in them, and what it says of a job."""
