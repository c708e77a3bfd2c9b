"""Commands for accounts and prerequisites."""
