"""Requests for the engine: what a platform finds on this machine for them, and reads from them."""
