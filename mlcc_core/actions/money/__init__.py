"""Money: what is about to be spent, in words and against a limit."""
