"""Lists that AWS keeps for a region: models that can be tuned, models that judge."""
