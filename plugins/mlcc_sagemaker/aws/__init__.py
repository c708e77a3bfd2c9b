"""The account: calls, permissions, secrets, set-up."""
