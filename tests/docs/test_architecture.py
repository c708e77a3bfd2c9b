"""The page that shows the house: its paths exist, and it leaves no room out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = ("mlcc_core", "libs", "plugins")


def test_every_link_leads_to_a_file():
    links = re.findall(r"\[([\w/.]+)\]\((\.\./[\w/.]+)\)", PAGE)
    assert len(links) > 20
    for shown, target in links:
        assert target == f"../{shown}"
        assert (ROOT / shown).is_file(), shown


def test_every_path_in_the_text_exists():
    paths = [path for path in re.findall(r"`([\w/.]+/[\w/.]*)`", PAGE) if path.startswith(ROOMS)]
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_the_tree_shows_every_room_of_the_core():
    tree = PAGE.partition("```\n")[2].partition("```")[0]
    shown = {word.rstrip("/") for word in re.findall(r"[\w]+/", tree)}
    core = {
        path.name for path in (ROOT / "mlcc_core").iterdir() if (path / "__init__.py").is_file()
    }
    staging = {
        path.name
        for path in (ROOT / "mlcc_core/staging").iterdir()
        if (path / "__init__.py").is_file()
    }
    engine = {
        path.name
        for path in (ROOT / "libs/mlcc_engine").iterdir()
        if (path / "__init__.py").is_file()
    }
    libraries = {
        path.name for path in (ROOT / "libs").iterdir() if (path / "__init__.py").is_file()
    }
    assert core | staging | engine | libraries <= shown
