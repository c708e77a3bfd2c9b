"""Help for plugins that use AWS: clients, errors said for users, ranged reads."""
