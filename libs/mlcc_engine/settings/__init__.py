"""Settings of a trainer's Config and of LoRA that users give by name: known, checked, listed."""
