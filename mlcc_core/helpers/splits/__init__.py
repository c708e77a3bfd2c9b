"""Splits of a dataset by the names of its files, as the Hub's own library tells them.

Example:
    >>> splits_by_name(["train.csv", "test.csv"])
    {'train': ['train.csv'], 'test': ['test.csv']}
    >>> validation_split(["test", "dev"])
    'dev'
"""

from mlcc_core.helpers.splits.globs import MAGIC, names_like
from mlcc_core.helpers.splits.words import (
    SPLIT_NAME,
    TRAIN,
    WORDS,
    is_held_out,
    says,
    splits_by_name,
    validation_split,
)

__all__ = [
    "MAGIC",
    "SPLIT_NAME",
    "TRAIN",
    "WORDS",
    "is_held_out",
    "names_like",
    "says",
    "splits_by_name",
    "validation_split",
]
