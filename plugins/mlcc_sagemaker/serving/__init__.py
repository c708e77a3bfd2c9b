"""Serving what jobs left behind: an endpoint, a base component, adapters and further models."""
