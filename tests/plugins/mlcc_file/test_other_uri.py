"""A URI that a source suggests is a value, whatever characters it holds."""

import shlex
from pathlib import Path

import pytest

from mlcc_core import Access, OtherUri
from mlcc_file import plugin as files


@pytest.mark.parametrize(
    "name", ["train.jsonl", "my train.jsonl", "it's train.jsonl", "$train.jsonl"]
)
def test_it_is_quoted_in_the_hint(tmp_path: Path, name: str):
    (tmp_path / name).write_text("{}\n")
    with pytest.raises(OtherUri) as caught:
        files.list(str(tmp_path / f"{name[:-1]}k"), Access())
    assert caught.value.uri == str(tmp_path / name)
    assert shlex.split(caught.value.hint or "") == ["--dataset", str(tmp_path / name)]
