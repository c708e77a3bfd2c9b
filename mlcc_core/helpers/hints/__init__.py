"""Commands that hints print: one function builds each kind, and a test runs one of each."""

from mlcc_core.helpers.hints.kinds import KINDS as KINDS
from mlcc_core.helpers.hints.kinds import hint_kind as hint_kind
from mlcc_core.helpers.hints.paths import copied_path as copied_path
from mlcc_core.helpers.hints.paths import free_space as free_space
from mlcc_core.helpers.hints.paths import looked_at as looked_at
from mlcc_core.helpers.hints.paths import made_folder as made_folder
from mlcc_core.helpers.hints.paths import path_word as path_word
from mlcc_core.helpers.hints.paths import pulled as pulled
from mlcc_core.helpers.hints.paths import removed as removed
from mlcc_core.helpers.hints.paths import shown_file as shown_file
