"""Messages in the notation of Python or numpy: refused, with the command that makes rows of them.

``str`` of a list, or a data frame written as CSV, gives text that looks like messages and is not
JSON. The command runs this module, which reads the notation and runs nothing of it.
"""

from __future__ import annotations

import ast
import csv
import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from tokenize import NL, OP, TokenError, generate_tokens, untokenize
from typing import IO, TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.staging.rules.conversation.chat_text import PRINTED, is_repr, looks_like_chat

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.row_error import RowError

_DELIMITERS = {".tsv": "\t", ".tab": "\t"}
_LINES = (".jsonl", ".ndjson", ".json")


def printed_messages(job: DatasetJob, files: Sequence[FilePreview]) -> MlccError | None:
    """Return the error for the first column whose messages are in such a notation.

    Args:
        job: the dataset.
        files: previews of its files.
    """
    columns = {column.name for column in job.schema.columns} | {"messages"}
    for file in files:
        for record in file.records:
            for name, value in record.items():
                if name in columns and isinstance(value, str) and is_repr(value):
                    notation = "numpy" if value.lstrip().startswith("array(") else "Python"
                    return MlccError(
                        f"Column {name!r} of {file.file.name} holds messages as {notation} prints "
                        "them, expected JSON.",
                        hint=_command(job, file.file.name),
                    )
    return None


def mend_printed(job: DatasetJob, errors: Iterable[RowError]) -> str | None:
    """Return the command for the first error that is of messages in such a notation."""
    printed = (error.file for error in errors if error.found.endswith(PRINTED))
    return next((_command(job, name) for name in printed), None)


@hint_kind("messages that were printed, as rows")
def _command(job: DatasetJob, name: str) -> str | None:
    """Return the command that writes the rows anew, where it can read the file."""
    path = next(file.path for file in job.listing.files if file.name == name)
    if path is None:
        return f"copy {name} to this machine and name the copy, which is then mended"
    if path.suffix not in (".csv", ".parquet", *_DELIMITERS, *_LINES):
        return job.check_hint()
    stem = name.rpartition("/")[2].partition(".")[0]
    to = f"{stem}.rows.jsonl"
    command = [sys.executable, "-m", __spec__.name if __spec__ else __name__, str(path), to]
    return f"{shlex.join(command)}   # then name {shlex.quote(to)}"


def read_printed(text: str) -> Any:
    """Return the value of a text in the notation of Python or numpy.

    Example:
        >>> read_printed("array([{'role': 'user', 'content': 'Q'}], dtype=object)")
        [{'role': 'user', 'content': 'Q'}]

    Raises:
        ValueError: it is something else.
        SyntaxError: likewise.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:  # numpy's ``str`` has no commas between elements
        tree = ast.parse(_with_commas(text.strip()), mode="eval")
    return _value(tree.body)


def _with_commas(text: str) -> str:
    """Return the text with a comma between objects that have none, and strings as they are."""
    words: list[tuple[int, str]] = []
    try:
        for token in generate_tokens(StringIO(text).readline):
            if token.string == "{" and words and words[-1][1] == "}":
                words.append((OP, ","))
            if token.type != NL:
                words.append((token.type, token.string))
    except TokenError as error:
        raise SyntaxError(str(error)) from None
    return untokenize(words)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "array" and node.args:
        return _value(node.args[0])
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        keys = [key for key in node.keys if key is not None]
        return {_value(k): _value(v) for k, v in zip(keys, node.values, strict=True)}
    if isinstance(node, ast.Name) and node.id == "nan":
        return None
    return ast.literal_eval(node)


def rows_of(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows with such text in place of what it means."""
    for row in rows:
        yield {
            name: read_printed(value)
            if isinstance(value, str) and looks_like_chat(value) and is_repr(value)
            else value
            for name, value in row.items()
        }


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == ".parquet":
        from pyarrow.parquet import read_table

        yield from read_table(path).to_pylist()
        return
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix in (".csv", *_DELIMITERS):
            yield from csv.DictReader(file, delimiter=_DELIMITERS.get(path.suffix, ","))
        else:
            yield from (json.loads(line) for line in file if line.strip())


def write_rows(source: Path, to: IO[str]) -> None:
    """Write the rows of a file as JSON lines."""
    for row in rows_of(_read(source)):
        to.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    try:
        with Path(sys.argv[2]).open("x", encoding="utf-8") as written:
            write_rows(Path(sys.argv[1]), written)
    except FileExistsError:
        sys.exit(f"{sys.argv[2]} exists already.")
