"""What IAM's policies allow: the caller's for each request, a role's for what is done with it."""
