"""Runs beside each other: settings that differ, curves, numbers, evaluations."""
