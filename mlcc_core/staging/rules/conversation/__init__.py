"""Conversations, however they come: as text, with other names of roles, with fields to spare."""
