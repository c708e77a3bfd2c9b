"""Jobs of a cluster, as the user's machine creates, watches and ends them."""
