"""The site is built without a warning, and nothing that is broken gets past the build."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.site.conftest import ROOT, build

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BROKEN = {
    "missing-page": ("[a page](nowhere.md)", "'nowhere.md'"),
    "missing-anchor": ("[a heading](good.md#nowhere)", "'nowhere'"),
    "missing-here": ("[a heading](#nowhere)", "'nowhere'"),
    "missing-file": ("[a file](../mlcc_core/nowhere.py)", "nowhere.py"),
    "missing-far-anchor": ("[a heading](../CONTRIBUTING.md#nowhere)", "has no heading #nowhere"),
    "missing-picture": ("![a picture](screens/nowhere.svg)", "image file not readable"),
    "unknown-language": ("```nolanguage\nx\n```", "Pygments lexer name 'nolanguage'"),
    "not-json": ("```json\n{'a': 1,}\n```", "Lexing literal_block"),
    "skipped-level": ("### Too deep", "Non-consecutive header level"),
    "twice": ("```{toctree}\nnowhere\n```", "nonexisting document"),
    "directive": ("```{nodirective}\n```", "Unknown directive type"),
    "role": ("{norole}`x`", "Unknown interpreted text role"),
    "footnote": ("A claim[^1].", "1"),
}
"""Pages, each with one thing that is wrong, and words of the warning about it."""


def broken_site(folder: Path) -> Path:
    """A copy of the configuration, with pages that are wrong, beside the rest of the repository."""
    docs = folder / "docs"
    for part in ("_ext", "_static", "schemas"):
        shutil.copytree(ROOT / "docs" / part, docs / part)
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    shutil.copy(ROOT / "CONTRIBUTING.md", folder)
    for name in ("mlcc_core", "libs", "plugins"):
        (folder / name).symlink_to(ROOT / name)
    (docs / "good.md").write_text(
        "# Good\n\n[the core](../mlcc_core/errors.py), [a guide](#good)\n"
    )
    (docs / "lonely.md").write_text("# Lonely\n\nNo index lists this page.\n")
    for name, (text, _) in BROKEN.items():
        (docs / f"{name}.md").write_text(f"# Page\n\n{text}\n")
    pages = "\n".join(f"- [{name}]({name}.md)" for name in ("good", *BROKEN))
    (docs / "index.md").write_text(f"# Index\n\n{pages}\n")
    return docs


def test_every_broken_thing_fails_the_build(tmp_path: Path) -> None:
    done = build(broken_site(tmp_path), tmp_path / "out")
    assert done.returncode != 0
    complaints = [line for line in done.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
    quiet = {
        name
        for name, (_, words) in BROKEN.items()
        if not any(f"{name}.md" in line and words in line for line in complaints)
    }
    assert quiet == set(), done.stdout
    assert any("lonely.md" in line and "any toctree" in line for line in complaints), done.stdout
    assert [line for line in complaints if "good.md" in line] == []


def test_the_site_is_built_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert (site / "search.html").is_file()
    assert (site / "schemas" / "tune.json").is_file()
