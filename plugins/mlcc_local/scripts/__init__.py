"""Scripts of users on this machine: their requests, and the folders of their jobs."""
