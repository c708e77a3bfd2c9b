"""Run files: everything that a run is asked for with, in YAML, one key a flag of ``tune``.

Example:
    .. code-block:: yaml

        technique: sft
        dataset: train.jsonl      # from the folder of the file
        epochs: 3
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core.actions.runs.run_file.keys import (
    NO_TRANSFORM,
    field_options,
    key_options,
    mapping_fields,
)
from mlcc_core.actions.tune.plan.held_out.choice import names_dataset
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.options import Option
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import reason_of, with_article

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins

LARGEST = 1 << 20
"""Bytes of a run file; far more than one has."""

STANDARD_INPUT = Path("-")
"""The name by which a run file comes through a pipe; a file of that name is ``./-``."""

HELP = "mlcc tune --help   # the flags, without their dashes, are the keys of a run file"


def read_run_file(path: Path, plugins: Plugins) -> dict[str, object]:
    """Read a run file.

    Args:
        path: of the file; ``-`` reads standard input.
        plugins: whose options are keys, too.

    Returns:
        The values by key, with underscores. A dataset that is a relative path, which starts from
        the folder of the file, is a path from the current folder.

    Raises:
        MlccError, Problems: it is not a run file; each wrong key and value with its line.
    """
    known = key_options(plugins)
    values: dict[str, object] = {}
    seen: set[str] = set()
    problems: list[MlccError] = []
    for key, line, node in _entries(path):
        try:
            name = key.replace("-", "_")
            if name in seen:
                raise _wrong(path, line, f"The key {key!r} stands twice, expected once.")
            seen.add(name)
            if name in mapping_fields():
                values[name] = _mapping(path, line, name, node)
            elif name in known:
                values[name] = _value(path, line, known[name], node)
            else:
                raise _unknown(path, line, key, (*known, *mapping_fields()))
        except MlccError as error:
            problems.append(error)
    raise_all(problems)
    return {key: _from_here(path.parent, key, value) for key, value in values.items()}


def run_file_request(values: Mapping[str, object]) -> TuneRequest:
    """Return the request that the values of a run file mean.

    Args:
        values: as :func:`read_run_file` returns them.
    """
    fields = {option.key for option in field_options()} - {NO_TRANSFORM.key}
    mappings = mapping_fields()
    plain: dict[str, Any] = {key: value for key, value in values.items() if key in fields}
    plain |= {mappings[key]: value for key, value in values.items() if key in mappings}
    others = {k: value for k, value in values.items() if k not in fields and k not in mappings}
    transform = not others.pop(NO_TRANSFORM.key, False)
    request = TuneRequest(plain.pop("technique", ""), plain.pop("dataset", ""), **plain)
    return dataclasses.replace(request, transform=transform, values=others)


def _entries(path: Path) -> Iterator[tuple[str, int, Any]]:
    """Yield each key with its line and the node of its value."""
    import yaml

    try:
        node = yaml.compose(_text(path), yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(path, line, f"This is not YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _wrong(path, 1, f"This is not YAML: {reason_of(error)}.") from None
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, 1, "This is not a run file, expected lines like 'epochs: 3'.")
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value


def _text(path: Path) -> str:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(LARGEST + 1)
    elif path.is_dir() or not path.exists():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise MlccError(f"{path} {found}, expected a run file.", where="--file", hint=HELP)
    else:
        with disk_errors(path), path.open("rb") as file:
            data = file.read(LARGEST + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _wrong(path, line, "This is not UTF-8 text, expected a run file.") from None
    if len(data) > LARGEST:
        raise _wrong(path, 1, "This is larger than 1 MiB, expected a run file.")
    return text


def _value(path: Path, line: int, option: Option, node: Any) -> object:
    """Return the value of a key, of the type that its flag takes; several, where it takes them."""
    import yaml

    if not option.repeated:
        return _one_value(path, line, option, node)
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not nodes:
        wanted = f"a list of values, each {option.range_text()}"
        raise _wrong(path, line, f"{option.key} is an empty list: expected {wanted}.")
    several = f"{option.range_text()}, or a list of values"
    return tuple(_one_value(path, one.start_mark.line + 1, option, one, several) for one in nodes)


def _one_value(path: Path, line: int, option: Option, node: Any, expected: str = "") -> object:
    value = _of_type(option.type, node)
    if value is None:
        found = "nothing" if node.tag.endswith(":null") else _found(node)
        wanted = "true or false" if option.type is bool else expected or option.range_text()
        raise _wrong(path, line, f"{option.key} is {found}: expected {wanted}.")
    if option.choices and value not in option.choices:
        expected = option.range_text()
        raise _wrong(path, line, f"{option.key} is {value!r}: expected {expected}.")
    return value


def _mapping(path: Path, line: int, key: str, node: Any) -> dict[str, object]:
    """Return the values of a key that holds several by name, as JSON has them."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, line, f"{key} is {_found(node)}: expected lines like 'name: value'.")
    return {str(name.value): _plain(path, value) for name, value in node.value}


def _plain(path: Path, node: Any) -> object:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [_plain(path, part) for part in node.value]
    for kind in (bool, int, float) if isinstance(node, yaml.ScalarNode) else ():
        found = _of_type(kind, node)
        if found is not None:
            return found
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else str(node.value)
    line = node.start_mark.line + 1
    raise _wrong(path, line, "A mapping in a mapping, expected values and lists of them.")


def _of_type(kind: type, node: Any) -> object:
    """Return a value of that type; ``None`` where the node holds another."""
    import yaml

    if not isinstance(node, yaml.ScalarNode):
        return None
    tag, text = node.tag.rpartition(":")[2], node.value
    if kind is str:
        return None if tag in ("null", "bool") else text
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower()) if tag == "bool" else None
    if kind is int:
        return int(text) if tag == "int" and text.lstrip("+-").isdecimal() else None
    try:
        # YAML 1.1 takes 2e-4, without a dot, for text.
        return float(text) if tag in ("int", "float") or node.style is None else None
    except ValueError:
        return None


def _found(node: Any) -> str:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return repr(str(node.value))
    return with_article("list" if isinstance(node, yaml.SequenceNode) else "mapping")


def _from_here(folder: Path, key: str, value: object) -> object:
    """Return a value whose path starts from the folder of the file as one from where we are."""
    is_dataset = key == "dataset" or (key == "validation" and names_dataset(str(value)))
    if not is_dataset or "://" in str(value) or str(value).startswith(("~", "/", "file:")):
        return value
    return os.path.join(folder, str(value)) if folder != Path() else value  # noqa: PTH118 - text


def _unknown(path: Path, line: int, key: str, known: Iterable[str]) -> MlccError:
    if key.replace("-", "_") in ("force", "dry_run", "no_wait", "status", "list_models", "json"):
        flag = "--" + key.replace("_", "-")
        what = f"{key!r} is about one call, not about a run: pass {flag} beside --file."
        return _wrong(path, line, what)
    close = close_matches(key.replace("-", "_"), known)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return _wrong(path, line, f"Unknown key {key!r}.{meant}")


def _wrong(path: Path, line: int, what: str) -> MlccError:
    return MlccError(what, where=f"{path}:{line}", hint=HELP)
