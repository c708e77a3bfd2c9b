"""The source of local files."""

from __future__ import annotations

import os
import socket

import pytest

from mlcc_core import Access, MlccError, PlatformError
from mlcc_file import plugin as source
from mlcc_file.fingerprint import fingerprint

ROW = b'{"prompt": "a", "completion": "b"}\n'


def names(uri):
    return [file.name for file in source.list(str(uri), Access()).files]


def refused(uri):
    with pytest.raises(MlccError) as raised:
        source.list(str(uri), Access())
    assert raised.value.exit_code == 1
    assert "\n" not in raised.value.what
    return raised.value


@pytest.fixture
def folder(tmp_path):
    for name in ("train-b.jsonl", "train-a.jsonl", "sub/test.parquet", "README.md", ".x.jsonl"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ROW)
    return tmp_path / "data"


def test_a_file_is_itself(folder):
    listing = source.list(str(folder / "train-a.jsonl"), Access())
    (file,) = listing.files
    assert (file.name, file.size, file.path) == ("train-a.jsonl", len(ROW), folder / file.name)
    assert listing.label == "train-a.jsonl"
    with source.open(file, Access()) as opened:
        assert opened.read() == ROW


def test_a_folder_is_its_data_files_sorted(tmp_path):
    for name in ("b.jsonl", "a.jsonl", "sub/c.jsonl", "README.md", ".x.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(ROW)
    listing = source.list(str(tmp_path), Access())
    assert [file.name for file in listing.files] == ["a.jsonl", "b.jsonl", "sub/c.jsonl"]
    assert listing.notes == ("3 files",)


def test_a_pattern_selects_in_a_folder(folder):
    assert names(f"{folder}?file=train") == ["train-a.jsonl", "train-b.jsonl"]
    assert names(f"{folder}?file=*/test*") == ["sub/test.parquet"]
    assert "sub/test.parquet" in "".join(refused(f"{folder}?file=dpo").detail)


def test_a_file_that_is_really_called_so_comes_before_a_pattern(folder):
    odd = folder / "x?file=train"
    odd.write_bytes(ROW)
    assert names(odd) == ["x?file=train"]


def test_a_relative_path_is_from_the_current_folder(folder, monkeypatch):
    monkeypatch.chdir(folder / "sub")
    assert names("../train-a.jsonl") == ["train-a.jsonl"]


def test_home_is_found(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert names("~/train-a.jsonl") == ["train-a.jsonl"]


@pytest.mark.parametrize(
    "name", ["a b.jsonl", 'it\'s "q".jsonl', "new\nline.jsonl", "ü#%41?.jsonl"]
)
def test_any_name_is_found_by_path_and_by_uri(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ROW)
    assert names(path) == [name]
    assert names(path.as_uri()) == [name]
    assert source.list(str(path), Access()).files[0].uri == path.as_uri()


def test_a_name_that_is_not_text_can_still_be_shown(tmp_path):
    path = tmp_path / os.fsdecode(b"bad\xff.jsonl")
    path.write_bytes(ROW)
    (name,) = names(path)
    assert name.encode("utf-8") == "bad\ufffd.jsonl".encode()


def test_a_missing_file_names_close_ones(folder):
    error = refused(folder / "train_a.jsonl")
    assert "does not exist. Did you mean 'train-a.jsonl'" in error.what
    assert error.hint == f"--dataset {folder / 'train-a.jsonl'}"


def test_a_missing_folder_names_the_first_that_is_missing(folder):
    assert f"{folder / 'dat'} does not exist" in refused(folder / "dat" / "x" / "y.jsonl").what


def test_a_path_through_a_file_does_not_exist(folder):
    assert "does not exist" in refused(folder / "train-a.jsonl" / "x").what


def test_a_dangling_link_is_called_so(folder):
    (folder / "link.jsonl").symlink_to("nowhere")
    assert "is a link to 'nowhere'" in refused(folder / "link.jsonl").what


def test_a_folder_without_data_says_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    error = refused(tmp_path)
    assert "holds no data file" in error.what
    assert "  notes.txt" in error.detail


def test_an_empty_path_is_refused():
    assert "is empty" in refused("").what


def test_a_nul_is_refused():
    assert "NUL" in refused("a\0b").what


def test_a_foreign_host_is_refused():
    assert "this machine only" in refused("file://server/share/a.jsonl").what


@pytest.mark.timeout(60)
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert "a pipe (FIFO)" in refused(tmp_path / "pipe.jsonl").what
    assert "a pipe (FIFO)" in refused(tmp_path).what


def test_a_device_and_a_socket_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "a character device" in refused("/dev/null").what
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jsonl")
        assert "a socket" in refused("s.jsonl").what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(folder):
    (folder / "train-a.jsonl").chmod(0)
    assert "permission denied" in refused(folder / "train-a.jsonl").what


def test_a_fingerprint_follows_the_content_not_the_place(tmp_path):
    def fingerprint(name, content):
        (tmp_path / name).write_bytes(content)
        return source.list(str(tmp_path / name), Access()).files[0].fingerprint

    assert fingerprint("a.jsonl", ROW) == fingerprint("b.jsonl", ROW)
    assert fingerprint("a.jsonl", ROW) != fingerprint("a.jsonl", ROW.upper())


def test_a_small_file_is_hashed_once_until_anything_touches_it(tmp_path, monkeypatch):
    monkeypatch.setattr("mlcc_file.fingerprint.SETTLED_SECONDS", -60)
    path = tmp_path / "a.jsonl"
    path.write_bytes(ROW)

    def read_of(file):
        before = file.raw.tell()
        fingerprint(file)
        return file.raw.tell() - before

    with path.open("rb") as file:
        assert read_of(file) == len(ROW)
    with path.open("rb") as file:
        assert read_of(file) == 0
    status = path.stat()
    path.write_bytes(ROW.upper())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with path.open("rb") as file:
        assert read_of(file) == len(ROW)


def test_an_edit_right_after_hashing_is_seen(tmp_path):
    path = tmp_path / "a.jsonl"
    for number in range(100):
        path.write_bytes(b"%5d" % number)
        (file,) = source.list(str(path), Access()).files
        path.write_bytes(b"x%4d" % number)
        with pytest.raises(PlatformError, match="has changed"):
            source.open(file, Access())


def test_a_large_files_fingerprint_sees_an_edit_between_the_samples(tmp_path):
    path = tmp_path / "large.jsonl"
    with path.open("wb") as file:
        file.truncate(100 << 20)

    def fingerprint():
        return source.list(str(path), Access()).files[0].fingerprint

    before = fingerprint()
    assert fingerprint() == before
    with path.open("r+b") as file:
        file.seek(33 << 20)
        file.write(b"x")
    assert fingerprint() != before


def test_a_local_file_is_not_copied(folder, tmp_path):
    (file,) = source.list(str(folder / "train-a.jsonl"), Access()).files
    assert source.fetch(file, tmp_path / "copies", Access()) == file.path
