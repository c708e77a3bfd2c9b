"""Deploy what a job left behind, and ask it."""
