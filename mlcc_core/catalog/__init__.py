"""The supported models: files of TOML, and lookup."""
