"""Drawings as inline SVG: curves, intervals, lengths; colours are variables of the page."""
