"""CONTRIBUTING.md: its recipes are followed elsewhere; whatever else it says leads somewhere."""

import re
from pathlib import Path

from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"


def test_links_lead_somewhere():
    text = PAGE.read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(links) > 4
    assert [link for link in links if not (ROOT / link).exists()] == []
    titles = {
        re.sub(r"[^\w -]", "", title.lower()) for title in re.findall(r"^## (.+)$", text, re.M)
    }
    anchors = re.findall(r"\]\(#([^)]+)\)", text)
    assert [anchor for anchor in anchors if anchor.replace("-", " ") not in titles] == []


def test_every_block_is_followed_or_a_command_of_a_checkout():
    """test_recipes and test_recipe_format follow the others."""
    rest = [block for block in blocks(PAGE) if not block.file]
    assert {block.language for block in rest} == {"sh"}
    assert all(block.text.startswith((".venv/bin/", "python3 -m venv")) for block in rest)


def test_extras_and_tests_that_it_names_exist():
    text = PAGE.read_text()
    project = (ROOT / "pyproject.toml").read_text()
    for extra in re.search(r"\.\[([\w,]+)\]", text)[1].split(","):
        assert re.search(rf"^{extra} = \[", project, re.M), extra
    for path in re.findall(r"pytest -q (tests/\S+)|`((?:tests|benchmarks)/[\w/.]+)`", text):
        assert (ROOT / (path[0] or path[1])).exists(), path
