"""Configs and splits of a folder or a repository: one rule for every source that has them.

A source gives the names of all files and the README's header; it gets the files of the one split
that is meant, what to tell the user, and the addresses of the other splits. In this order:

1. the README's ``configs`` and their ``data_files`` (:mod:`mlcc_splits.card`);
2. words in the names of folders and files (:mod:`mlcc_core.helpers.splits`);
3. else all data files are ``train``.
"""

from mlcc_splits.card import STANDALONE, Config, Configs, configs_of, header
from mlcc_splits.choice import Choice, choose, config_of, mixed_splits, pick, several_configs
from mlcc_splits.files import Split, splits_of
from mlcc_splits.place import Place

__all__ = [
    "STANDALONE",
    "Choice",
    "Config",
    "Configs",
    "Place",
    "Split",
    "choose",
    "config_of",
    "configs_of",
    "header",
    "mixed_splits",
    "pick",
    "several_configs",
    "splits_of",
]
