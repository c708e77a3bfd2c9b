"""Techniques, the schemas of their datasets, and the recipes that train them."""
