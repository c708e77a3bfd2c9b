"""Recipes of techniques, held against the trainers that they name."""
