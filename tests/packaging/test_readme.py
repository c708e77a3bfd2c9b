"""The README on a package index: it renders, and no link or picture leads nowhere."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from hatch_build import COMMENT, PICTURE, for_an_index

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGET = re.compile(r"\]\((?P<target>[^)\s]+)\)")


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    for target in ("wheel", "sdist"):
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", target, "-d", folder],
            cwd=ROOT,
            check=True,
            capture_output=True,
            timeout=120,
        )
    return sorted(folder.iterdir())


def described(archive):
    """The long description that an archive carries."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            (name,) = (n for n in opened.namelist() if n.endswith("dist-info/METADATA"))
            text = opened.read(name).decode()
    else:
        with tarfile.open(archive) as opened:
            (name,) = (n for n in opened.getnames() if re.fullmatch(r"[^/]+/PKG-INFO", n))
            text = opened.extractfile(name).read().decode()
    message = message_from_string(text)
    assert message["Description-Content-Type"] == "text/markdown"
    assert message["Metadata-Version"] == "2.4", "newer ones are refused by tools that upload"
    return message.get_payload()


def test_both_archives_carry_the_readme_for_an_index(archives):
    assert [archive.suffix for archive in archives] == [".whl", ".gz"]
    for archive in archives:
        assert described(archive).strip() == for_an_index(README).strip()


def test_no_link_leads_to_a_file_that_is_not_there():
    inside = [m["target"] for m in TARGET.finditer(README) if not m["target"].startswith("http")]
    assert inside
    shown = for_an_index(README)
    assert all(m["target"].startswith("https://") for m in TARGET.finditer(shown))
    assert "<!--" not in shown
    assert "![" not in shown


def test_everything_else_stays():
    text = COMMENT.sub("", PICTURE.sub("", README))
    shown = for_an_index(README)
    assert [word for word in re.findall(r"\w+", TARGET.sub("", text)) if word not in shown] == []


def test_twine_finds_nothing_wrong(archives):
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *archives],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("PASSED") == 2


def test_a_link_is_named_and_a_picture_left_out():
    text = "# T\n\n![a](b.svg)\n\n<!-- ci: x -->\nSee [Data](docs/d.md#a), [C.md](C.md), [W](https://w.org).\n"
    assert for_an_index(text) == "# T\n\nSee Data (`docs/d.md`), C.md, [W](https://w.org).\n"
