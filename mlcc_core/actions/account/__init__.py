"""The needs of a platform in an account: examined, made, and the secrets in it."""
