"""Commands and flags that do not exist, and the command that was meant."""
