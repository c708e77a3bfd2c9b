"""Models pushed to a hub, and fetched from one."""
