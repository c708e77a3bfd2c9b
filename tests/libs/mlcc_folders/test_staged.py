import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.contract.source import DatasetFile, Listing
from mlcc_core.errors import MlccError, PlatformError
from mlcc_folders import staged

RECORD = {"rows": 2, "ledger": {"read": 2}}

FULL = """
import resource, sys
from pathlib import Path
from mlcc_core.errors import MlccError
from mlcc_folders import staged
import warnings; warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with staged.stage(Path(sys.argv[1]), "key") as sink:
        if sys.argv[2] == "polars":
            import polars
            polars.LazyFrame({"a": ["x" * 100] * 10_000}).sink_ndjson(sink.file)
        else:
            sink.file.write(b"x" * 1_000_000)
        sink.commit({"rows": 1})
except MlccError as error:
    print(error.what, error.exit_code)
"""


def test_committed_dataset_is_found(store, context):
    with store.stage(context, "key") as sink:
        sink.file.write(b"{}\n{}\n")
        uri = sink.commit(RECORD)
    found = store.find_staged(context, "key")
    assert (found.uri, found.rows) == (uri, 2)
    assert found.record["ledger"] == {"read": 2}
    with store.open_staged(context, uri) as file:
        assert file.read() == b"{}\n{}\n"


def test_uncommitted_dataset_leaves_nothing(store, context):
    with store.stage(context, "key") as sink:
        sink.file.write(b"{}\n")
    with pytest.raises(MlccError, match="bad row"), store.stage(context, "key") as sink:
        raise MlccError("bad row")
    assert store.find_staged(context, "key") is None
    assert list(staged.staged_folder(context.root).iterdir()) == []


@pytest.mark.parametrize("writer", ["bytes", "polars"])
def test_full_disk_leaves_nothing(context, writer):
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(context.root), writer],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout == "Cannot stage the dataset: the disk is full. 3\n", ended.stderr
    assert list(staged.staged_folder(context.root).iterdir()) == []


def test_data_without_its_record_is_not_staged(store, context):
    with store.stage(context, "key") as sink:
        uri = sink.commit(RECORD)
    Path(uri).write_text("{}\n")
    assert store.find_staged(context, "key") is None
    Path(uri).unlink()
    assert store.find_staged(context, "key") is None
    staged.record_of(Path(uri)).write_text("{nonsense")
    assert store.find_staged(context, "key") is None


def test_drafts_of_dead_processes_are_removed(store, context):
    folder = staged.staged_folder(context.root)
    folder.mkdir(parents=True)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = folder / f".other.{dead.pid}-x.partial"
    left.write_bytes(b"x")
    mine = folder / f".other.{os.getpid()}-x.partial"
    mine.write_bytes(b"x")
    with store.stage(context, "key"):
        pass
    assert not left.exists()
    assert mine.exists()


def test_two_writers_of_one_key_do_not_meet(store, context):
    with store.stage(context, "key") as one, store.stage(context, "key") as two:
        one.file.write(b"{}\n{}\n")
        two.file.write(b"{}\n{}\n")
        one.commit(RECORD)
        two.commit(RECORD)
    assert store.find_staged(context, "key").rows == 2


@pytest.mark.parametrize("key", ["../x", "", "a b", "a/b"])
def test_bad_keys(store, context, key):
    with pytest.raises(MlccError), store.stage(context, key):
        pass


def test_dataset_that_is_gone(store, context):
    with pytest.raises(PlatformError, match="is gone"):
        store.open_staged(context, str(context.root / "none.jsonl"))


def listing(*names, path=Path("/data")):
    files = [DatasetFile(n, n, 1, "f", path / n if path else None) for n in names]
    return Listing("uri", tuple(files), "label")


def test_only_one_plain_file_is_read_in_place(store, context):
    def uri(*names, **more):
        return store.reads_in_place(context, listing(*names, **more)).uri

    assert uri("a.jsonl") == "/data/a.jsonl"
    assert uri("a.jsonl", "b.jsonl") is None
    assert uri("a.jsonl.gz") is None
    assert uri("a.parquet") is None
    assert uri("a.jsonl", path=None) is None
