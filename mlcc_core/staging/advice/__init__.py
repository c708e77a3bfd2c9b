"""Advice to users whose data does not fit."""
