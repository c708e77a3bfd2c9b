"""Help for plugins that use AWS: clients, errors for users, ranged reads."""
