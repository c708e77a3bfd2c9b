"""Parts of the platform in memory."""
