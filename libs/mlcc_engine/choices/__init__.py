"""Decisions that a plan and its job make alike: packed rows, activations computed again."""
