"""Jobs: processes and their folders."""
