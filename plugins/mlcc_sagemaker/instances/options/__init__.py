"""The flags of the platform: declared, read, held to what the service takes."""
