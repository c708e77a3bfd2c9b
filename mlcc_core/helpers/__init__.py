"""Help for authors of plugins; each name is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.helpers.disk import cannot_write as cannot_write
    from mlcc_core.helpers.disk import default_cache as default_cache
    from mlcc_core.helpers.disk import disk_error as disk_error
    from mlcc_core.helpers.disk import disk_errors as disk_errors
    from mlcc_core.helpers.disk import is_full as is_full
    from mlcc_core.helpers.extras import install_command as install_command
    from mlcc_core.helpers.extras import installed_versions as installed_versions
    from mlcc_core.helpers.extras import require_package as require_package
    from mlcc_core.helpers.files import atomic_file as atomic_file
    from mlcc_core.helpers.files import atomic_files as atomic_files
    from mlcc_core.helpers.files import atomic_folder as atomic_folder
    from mlcc_core.helpers.files import new_draft as new_draft
    from mlcc_core.helpers.files import remove_old_drafts as remove_old_drafts
    from mlcc_core.helpers.files import write_atomically as write_atomically
    from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX as FORMAT_BY_SUFFIX
    from mlcc_core.helpers.formats import USUAL_SUFFIXES as USUAL_SUFFIXES
    from mlcc_core.helpers.formats import usual_suffixes as usual_suffixes
    from mlcc_core.helpers.hints.lora import VLLM_RANKS as VLLM_RANKS
    from mlcc_core.helpers.hints.lora import lora_rank as lora_rank
    from mlcc_core.helpers.hints.lora import vllm_with_adapter as vllm_with_adapter
    from mlcc_core.helpers.memory import KILLED_CODES as KILLED_CODES
    from mlcc_core.helpers.memory import is_out_of_memory as is_out_of_memory
    from mlcc_core.helpers.memory import killed_process as killed_process
    from mlcc_core.helpers.memory import out_of_memory as out_of_memory
    from mlcc_core.helpers.names import close_matches as close_matches
    from mlcc_core.helpers.names import unknown_name as unknown_name
    from mlcc_core.helpers.process.bounded import within as within
    from mlcc_core.helpers.process.endings import at_end as at_end
    from mlcc_core.helpers.project_paths import restored_path as restored_path
    from mlcc_core.helpers.project_paths import restored_paths as restored_paths
    from mlcc_core.helpers.project_paths import stored_path as stored_path
    from mlcc_core.helpers.project_paths import stored_paths as stored_paths
    from mlcc_core.helpers.ranged import Checksum as Checksum
    from mlcc_core.helpers.ranged import open_ranged as open_ranged
    from mlcc_core.helpers.selection import close_files as close_files
    from mlcc_core.helpers.selection import data_suffix as data_suffix
    from mlcc_core.helpers.selection import file_lines as file_lines
    from mlcc_core.helpers.selection import is_data_file as is_data_file
    from mlcc_core.helpers.selection import select_files as select_files
    from mlcc_core.helpers.selection import split_query as split_query
    from mlcc_core.helpers.selection import suggest_pattern as suggest_pattern
    from mlcc_core.helpers.text import duration_seconds as duration_seconds
    from mlcc_core.helpers.text import duration_text as duration_text
    from mlcc_core.helpers.text import first_line as first_line
    from mlcc_core.helpers.text import indented as indented
    from mlcc_core.helpers.text import join_turns as join_turns
    from mlcc_core.helpers.text import one_line as one_line
    from mlcc_core.helpers.text import plural as plural
    from mlcc_core.helpers.text import reason_of as reason_of
    from mlcc_core.helpers.text import shown_address as shown_address
    from mlcc_core.helpers.text import shown_uri as shown_uri
    from mlcc_core.helpers.text import with_article as with_article

_HOME = {
    "disk": ("default_cache", "cannot_write", "disk_error", "disk_errors", "is_full"),
    "extras": ("install_command", "installed_versions", "require_package"),
    "files": (
        *("atomic_file", "atomic_files", "atomic_folder", "new_draft", "remove_old_drafts"),
        "write_atomically",
    ),
    "formats": ("FORMAT_BY_SUFFIX", "USUAL_SUFFIXES", "usual_suffixes"),
    "hints.lora": ("VLLM_RANKS", "lora_rank", "vllm_with_adapter"),
    "memory": ("KILLED_CODES", "is_out_of_memory", "killed_process", "out_of_memory"),
    "names": ("close_matches", "unknown_name"),
    "process.bounded": ("within",),
    "process.endings": ("at_end",),
    "project_paths": ("restored_path", "restored_paths", "stored_path", "stored_paths"),
    "ranged": ("Checksum", "open_ranged"),
    "selection": (
        *("close_files", "data_suffix", "is_data_file", "file_lines", "select_files"),
        *("split_query", "suggest_pattern"),
    ),
    "text": (
        "duration_seconds",
        "duration_text",
        *("first_line", "indented", "join_turns", "one_line", "plural", "reason_of"),
        *("shown_address", "shown_uri", "with_article"),
    ),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core.helpers' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.helpers.{_MODULE_OF[name]}"), name)
