"""Files that are something else than their name says: one error, with the way on."""

import gzip
import pickle
import sqlite3
import subprocess
import tarfile
from contextlib import closing

import pytest
import zstandard

from mlcc_core.staging import check, preview
from tests.mlcc_core.staging.datasets import jsonl, make_job, on_disk, staged

ROWS = [{"prompt": f"p{n}", "completion": "c"} for n in range(30)]
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGES = [
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>",
    b"\xef\xbb\xbf\n  <!doctype HTML PUBLIC>\n<html>",
    b'<?xml version="1.0"?>\n<html xmlns="x">',
    b"<!-- saved -->\n<html lang=en>",
    b"<html>",
]


def problem(name, data, folder=None):
    job = make_job({name: data}) if folder is None else on_disk({name: data}, folder)
    (error,) = preview(job).problems
    return error


NAMES = ["d.jsonl", "d.csv", "d.json", "d.tsv", "d.parquet", "d.arrow", "d.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_a_git_lfs_pointer(name, tmp_path):
    error = problem(name, POINTER)
    assert error.what == (
        f"{name} is a Git LFS pointer, expected the file of 12,345 bytes that it stands for."
    )
    assert error.hint == "git lfs pull"
    there = tmp_path / "a folder"
    there.mkdir()
    assert problem(name, POINTER, there).hint == f"git -C '{there}' lfs pull"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", NAMES[:5])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_page(page, name, pack):
    if pack is gzip.compress and name == "d.parquet":
        return
    error = problem(f"{name}.gz" if pack is gzip.compress else name, pack(page))
    assert "is an HTML page" in error.what
    assert ("'Sign in'" in error.what) == (b"Sign in" in page)
    assert "/resolve/" in error.hint


PACKERS = {"gz": gzip.compress, "zst": zstandard.compress}


@pytest.mark.parametrize("inner", PACKERS)
@pytest.mark.parametrize("outer", PACKERS)
@pytest.mark.parametrize("name", ["d.jsonl", "d.csv"])
def test_compressed_twice(inner, outer, name, tmp_path, monkeypatch):
    data = PACKERS[outer](PACKERS[inner](jsonl(*ROWS)))
    error = problem(f"{name}.{outer}", data, tmp_path)
    assert "is compressed twice" in error.what
    if (inner, outer) == ("gz", "gz"):
        (tmp_path / f"{name}.{outer}").write_bytes(data)
        (elsewhere := tmp_path / "else").mkdir()
        monkeypatch.chdir(elsewhere)
        subprocess.run(["sh", "-c", error.hint], check=True, timeout=60)
        (made,) = elsewhere.iterdir()
        assert made.read_bytes() == jsonl(*ROWS)


def others(folder):
    """Files of other programs, by what they hold."""
    with closing(sqlite3.connect(folder / "base")) as base:
        base.execute("create table t (a)")
        base.commit()
    (folder / "rows").write_bytes(jsonl(*ROWS))
    with tarfile.open(folder / "tar", "w") as tar:
        tar.add(folder / "rows")
    yield "SQLite", (folder / "base").read_bytes()
    yield "tar", (folder / "tar").read_bytes()
    for protocol in (2, 3, 4, 5):
        yield "pickle", pickle.dumps(ROWS, protocol)
    yield "PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
    yield "zip", b"PK\x03\x04\x14\0\0\0rows.jsonl"
    yield "Excel or Office", b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml xl/workbook.xml"
    yield "old Excel (.xls)", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    yield "xz", b"\xfd7zXZ\0\0\x04"
    yield "binary", bytes(range(32)) * 30


@pytest.mark.parametrize("name", ["d.jsonl", "d.csv", "d.txt", "d.json"])
def test_files_of_other_programs(name, tmp_path):
    for what, data in others(tmp_path):
        error = problem(name, data)
        assert error.what == (
            f"{name} holds {what} data, expected the text that its name promises."
        )
        assert error.hint


def test_windows_lines_are_named_with_the_command(tmp_path, monkeypatch):
    text = jsonl(*ROWS[:3], {"prompt": "café – ‘quoted’", "completion": "x"}).decode()
    data = text.encode("cp1252")
    error = problem("my d.jsonl", data, tmp_path)
    assert error.what.startswith("my d.jsonl, line 4: found the byte 0xe9 at byte ")
    (tmp_path / "my d.jsonl").write_bytes(data)
    (elsewhere := tmp_path / "else").mkdir()
    monkeypatch.chdir(elsewhere)
    subprocess.run(["sh", "-c", error.hint], check=True, timeout=60)
    (made,) = elsewhere.iterdir()
    assert made.read_text() == text


def test_a_later_line_that_is_not_utf_8_is_one_error_with_the_command():
    data = jsonl(*ROWS) + '{"prompt":"é","completion":"x"}\n'.encode("cp1252") + jsonl(ROWS[0])
    report = check(make_job(data))
    assert (report.rows, report.error_count) == (32, 1)
    assert "iconv -f WINDOWS-1252 -t UTF-8" in report.errors[0].expected


@pytest.mark.parametrize("name", ["d.jsonl", "d.json"])
def test_marked_json_is_read(name):
    found, report = staged(make_job({name: jsonl(*ROWS).decode().encode("utf-16")}))
    assert found == ROWS
    assert report.notes == (f"{name}: UTF-16 text",)
