"""Conversations that are staged whole, at speed: rows that are clean already."""
