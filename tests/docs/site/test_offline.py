"""A reader's browser fetches nothing from elsewhere; addresses of others are well formed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGET = re.compile(r"\]\((?P<target>[a-z][a-z+.-]*:[^)\s]*)\)|<(?P<bare>https?://[^>\s]+)>")
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
EXAMPLES = ("127.0.0.1", "localhost", "HOST")


class Loads(HTMLParser):
    """Collects the addresses that a page loads by itself, and those that it links."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADING:
            self.loaded.append(values.get(LOADING[tag]) or "")
        if tag == "link" and "canonical" not in (values.get("rel") or ""):
            self.loaded.append(values.get("href") or "")


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text())
        far = [address for address in loads.loaded if re.match(r"(?:[a-z]+:)?//", address)]
        assert far == [], page
        for address in loads.loaded:
            path = urlsplit(address).path
            if path and not address.startswith("data:"):
                assert (page.parent / path).exists(), (page, address)


@pytest.mark.slow
def test_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        far = re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)\"']+", sheet.read_text())
        assert far == [], sheet


def external() -> list[tuple[Path, str]]:
    """Every address of another site, with the page that links it."""
    return [
        (page, match["target"] or match["bare"])
        for page in PAGES
        for match in TARGET.finditer(page.read_text())
    ]


def test_addresses_of_others_are_well_formed() -> None:
    for page, address in external():
        parts = urlsplit(address)
        local = parts.hostname in EXAMPLES
        assert parts.scheme == "https" or local, (page, address)
        assert local or re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), (page, address)


if __name__ == "__main__":
    for path, found in sorted(set(external()), key=lambda pair: pair[1]):
        print(f"{found}  ({path.relative_to(ROOT)})")
