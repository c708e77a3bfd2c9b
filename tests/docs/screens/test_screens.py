"""The pictures of the terminal show what mlcc prints today."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.screens.picture import described, draw
from tests.docs.screens.shots import PICTURES, QUICK, ROOT, SHOTS, somewhere, take, without_numbers
from tests.docs.screens.terminal import COLUMNS, Run, record, text_of

SVG = "{http://www.w3.org/2000/svg}"
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def stale(name: str, home: Path) -> list[str]:
    """How a picture differs from what its command prints, numbers left out."""
    path = PICTURES / f"{name}.svg"
    before = without_numbers(described(path.read_text(encoding="utf-8")))
    now = without_numbers(text_of(take(name, home)[1]))
    return list(difflib.unified_diff(before, now, "picture", "now", lineterm="", n=2))


@pytest.mark.slow
def test_the_quick_pictures_are_what_is_printed() -> None:
    """Else make them anew: ``python -m tests.docs.screens NAME``."""
    with somewhere() as home:
        found = {name: stale(name, home) for name in QUICK}
    assert all(not difference for difference in found.values()), found


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_picture_is_what_is_printed(real_model: Path) -> None:
    with somewhere() as home:
        found = {name: stale(name, home) for name in SHOTS}
    assert all(not difference for difference in found.values()), found


def test_there_is_a_picture_of_every_shot_and_no_other() -> None:
    assert {path.stem for path in PICTURES.glob("*.svg")} == set(SHOTS)


def test_every_picture_stands_on_a_page() -> None:
    shown = {name for page in PAGES for name in re.findall(r"screens/(\w+)\.svg", page.read_text())}
    assert shown == set(SHOTS)


@pytest.mark.parametrize("name", SHOTS)
def test_a_picture_is_whole_and_names_no_place_of_its_maker(name: str) -> None:
    text = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    begin = SHOTS[name].command.partition("{")[0]
    assert str(root.findtext(f"{SVG}title")).startswith(f"$ {begin}")
    assert not re.search(r"/tmp/|/root/|/work/|https?://(?!www\.w3\.org)", text)
    drawn = "".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    for word in without_numbers(described(text)):
        if word.isalpha() and word.isascii():
            assert word in drawn.replace(" ", "") or word in re.sub(r"[\d.,]+", "0", drawn)
    assert all(len(line) <= COLUMNS for line in described(text).splitlines())


def test_a_picture_shows_colours_and_columns(tmp_path: Path) -> None:
    command = r"printf '\033[1;31mred\033[0m  ✅ done\nℹ️  note <&>\n'"
    code, lines = record(command, tmp_path, {"PATH": "/usr/bin:/bin"}, seconds=20)
    assert code == 0
    assert lines[0][0] == Run(0, "red", "red", bold=True)
    assert text_of(lines) == "red  ✅ done\nℹ  note <&>"
    picture = draw("printf", lines)
    assert described(picture) == text_of(lines)
    words = {
        "".join(each.itertext()): float(each.get("x") or 0)
        for each in ET.fromstring(picture).iter(f"{SVG}text")
    }
    assert words["done"] - words["red"] == 8 * 8  # the mark takes two columns
    assert words["note <&>"] - words["red"] == 3 * 8


def test_a_stale_picture_is_noticed() -> None:
    old = without_numbers("✅ 12 rows, all good; 1,262 bytes\n ─────")
    assert old == without_numbers("✅ 7 rows, all good; 99 bytes\n ──")
    assert old != without_numbers("✅ 12 rows are good; 1,262 bytes")
    assert without_numbers("job-8f3925c7ab-1") == without_numbers("job-00112233aa-2")
