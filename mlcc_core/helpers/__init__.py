"""Help for authors of plugins; each name is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.helpers.disk import cannot_write as cannot_write
    from mlcc_core.helpers.disk import disk_error as disk_error
    from mlcc_core.helpers.disk import disk_errors as disk_errors
    from mlcc_core.helpers.disk import is_full as is_full
    from mlcc_core.helpers.extras import require as require
    from mlcc_core.helpers.files import atomic_file as atomic_file
    from mlcc_core.helpers.files import atomic_folder as atomic_folder
    from mlcc_core.helpers.files import new_draft as new_draft
    from mlcc_core.helpers.files import remove_old_drafts as remove_old_drafts
    from mlcc_core.helpers.files import write_atomically as write_atomically
    from mlcc_core.helpers.memory import KILLED as KILLED
    from mlcc_core.helpers.memory import is_out_of_memory as is_out_of_memory
    from mlcc_core.helpers.memory import killed as killed
    from mlcc_core.helpers.memory import out_of_memory as out_of_memory
    from mlcc_core.helpers.names import close_matches as close_matches
    from mlcc_core.helpers.names import unknown_name as unknown_name
    from mlcc_core.helpers.project_paths import found as found
    from mlcc_core.helpers.project_paths import found_in as found_in
    from mlcc_core.helpers.project_paths import stored as stored
    from mlcc_core.helpers.project_paths import stored_in as stored_in
    from mlcc_core.helpers.ranged import Checksum as Checksum
    from mlcc_core.helpers.ranged import open_ranged as open_ranged
    from mlcc_core.helpers.selection import close_files as close_files
    from mlcc_core.helpers.selection import data_suffix as data_suffix
    from mlcc_core.helpers.selection import is_data_file as is_data_file
    from mlcc_core.helpers.selection import listed as listed
    from mlcc_core.helpers.selection import select as select
    from mlcc_core.helpers.selection import split_query as split_query
    from mlcc_core.helpers.text import first_line as first_line
    from mlcc_core.helpers.text import indented as indented
    from mlcc_core.helpers.text import one_line as one_line
    from mlcc_core.helpers.text import plural as plural
    from mlcc_core.helpers.text import reason_of as reason_of
    from mlcc_core.helpers.text import with_article as with_article

_HOME = {
    "disk": ("cannot_write", "disk_error", "disk_errors", "is_full"),
    "extras": ("require",),
    "files": (
        *("atomic_file", "atomic_folder", "new_draft", "remove_old_drafts"),
        "write_atomically",
    ),
    "memory": ("KILLED", "is_out_of_memory", "killed", "out_of_memory"),
    "names": ("close_matches", "unknown_name"),
    "project_paths": ("found", "found_in", "stored", "stored_in"),
    "ranged": ("Checksum", "open_ranged"),
    "selection": (
        *("close_files", "data_suffix", "is_data_file", "listed", "select"),
        "split_query",
    ),
    "text": ("first_line", "indented", "one_line", "plural", "reason_of", "with_article"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core.helpers' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.helpers.{_MODULE_OF[name]}"), name)
