"""The decoder of the staged lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.train import rows

USER = {"role": "user", "content": "Hi"}
REPLY = {"role": "assistant", "content": "Hello."}


def examples(path: Path, *values: Any, whole_rows: bool = False) -> list[dict[str, Any]]:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return list(rows.examples(path, whole_rows=whole_rows))


def test_strings_become_messages(tmp_path: Path) -> None:
    (example,) = examples(tmp_path / "d.jsonl", {"prompt": "Hi", "completion": "Hello."})
    assert example == {"prompt": [USER], "completion": [REPLY]}


def test_messages_stay(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Be kind."}
    row = {"prompt": [system, USER], "chosen": REPLY, "rejected": [REPLY]}
    (example,) = examples(tmp_path / "d.jsonl", row)
    assert example == {"prompt": [system, USER], "chosen": [REPLY], "rejected": [REPLY]}


@pytest.mark.parametrize("system", [None, "Be kind.", [{"text": "Be kind."}]])
def test_converse(system: object, tmp_path: Path) -> None:
    row = {
        "schemaVersion": "bedrock-conversation-2024",
        "system": system,
        "messages": [
            {"role": "user", "content": [{"text": "H"}, {"text": "i"}]},
            {"role": "assistant", "content": [{"text": "Hello."}]},
        ],
    }
    (example,) = examples(tmp_path / "d.jsonl", row)
    opening = [{"role": "system", "content": "Be kind."}] if system else []
    assert example["prompt"] == [*opening, {"role": "user", "content": "H\ni"}]
    assert example["completion"] == [REPLY]


def test_dates_and_numbers_stay_text(tmp_path: Path) -> None:
    from mlcc_engine.train import corpus

    path = tmp_path / "d.jsonl"
    path.write_text('{"prompt": "2024-01-01", "completion": "007"}\n')
    dataset = corpus.build(path, tmp_path, whole_rows=False)
    assert dataset[0]["prompt"][0]["content"] == "2024-01-01"
    assert dataset[0]["completion"][0]["content"] == "007"


def test_labels_are_kept_and_the_rest_is_not(tmp_path: Path) -> None:
    row = {"prompt": "Hi", "completion": "x", "label": True, "weight": 1, "tags": ["a"], "text": ""}
    first, second = examples(tmp_path / "d.jsonl", row, {**row, "weight": 0.5})
    assert first == {
        "prompt": [USER],
        "completion": first["completion"],
        "label": True,
        "weight": 1,
    }
    assert second["weight"] == 0.5


def test_whole_rows_keep_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    line = '{"prompt": "Hi", "answer": 1234567890123456789012345678901234567890}'
    path.write_text(line + "\n")
    (example,) = rows.examples(path, whole_rows=True)
    assert example == {"prompt": [USER], "row": line}


def test_bom_crlf_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"prompt": "a"}\r\n\r\n  \n{"prompt": "b"}')
    assert [(row.number, row.values["prompt"]) for row in rows.read(path)] == [(1, "a"), (4, "b")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "not valid JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"prompt": "a', "not valid JSON: Unterminated string starting at column 12"),
        (b"[1]", "it holds a list, expected one JSON object"),
        (b'{"prompt": NaN}', "NaN is not a JSON number"),
        (b'{"a": 1, "a": 2}', "key 'a' occurs twice"),
        (b'{"prompt": "\\ud800"}', "not UTF-8"),
        (b'{"prompt": "\xff"}', "not UTF-8"),
        (b'{"prompt": "a"} {"prompt": "b"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"prompt": null, "completion": "a"}', "column 'prompt'"),
        (b'{"prompt": [], "completion": "a"}', "column 'prompt'"),
        (b'{"prompt": [{"role": "user"}], "completion": "a"}', "only text"),
        (b'{"prompt": [{"content": "a"}], "completion": "a"}', "expected role and content"),
        (b'{"prompt": "a"}', "differ in column 'completion'"),
        (b'{"prompt": "a", "completion": "b", "label": 3}', "expected a bool"),
        (b'{"question": "a"}', "none of the columns"),
        (b'{"messages": [{"role": "user", "content": "a"}]}', "must end with a reply"),
    ],
)
def test_bad_lines_are_named(line: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'{"prompt": "a", "completion": "b", "label": true}\n' + line + b"\n")
    with pytest.raises(MlccError) as caught:
        list(rows.examples(path, whole_rows=False))
    assert says in f"{caught.value.where} {caught.value.what}"
    assert str(caught.value.where).startswith("d.jsonl:2")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="Cannot read the dataset"):
        list(rows.read(tmp_path / "gone.jsonl"))


def test_empty_file(tmp_path: Path) -> None:
    from mlcc_engine.train import corpus

    (tmp_path / "d.jsonl").touch()
    with pytest.raises(MlccError, match="has no rows"):
        corpus.build(tmp_path / "d.jsonl", tmp_path, whole_rows=False)
