"""Benchmarks of lm-eval: its tasks, asked of models that are loaded already."""
