"""Conversations with what is deployed: replies that are read as they come."""
