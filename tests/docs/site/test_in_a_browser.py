"""The site as a reader sees it: in a real browser, without a network, on a phone too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.slow

PHONE = 390
WIDE = "document.documentElement.scrollWidth > innerWidth"
PAGES = (
    *(
        "index",
        "guides/index",
        "guides/data",
        "guides/runs",
        "screens/report",
        "reference/commands",
        "reference/schemas",
        "reference/config",
    ),
    *("reference/classes/platform", "reference/catalog", "architecture"),
)


def open_page(browser: Browser, site: Path, page: str, **how: object) -> None:
    browser.open(site / f"{page}.html", **how)  # type: ignore[arg-type]
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_no_page_is_wider_than_its_window(
    browser: Browser, site: Path, page: str, width: int
) -> None:
    open_page(browser, site, page, width=width)
    assert browser.run(WIDE) is False


def test_the_front_page_leads_to_every_part(browser: Browser, site: Path) -> None:
    open_page(browser, site, "index", dark=True)
    links = browser.run("[...document.querySelectorAll('ul.cards a')].map(a => a.pathname)")
    parts = {"start", "guides", "reference", "extend", "understand"}
    assert parts <= {Path(link).parent.name for link in links}
    for link in links:
        assert Path(link).is_file()
    assert browser.run("document.querySelector('ul.cards a').textContent") == "Start"
    logo = "[...document.querySelectorAll('.sidebar-logo')].map(i => i.complete && i.naturalWidth)"
    assert 0 not in browser.run(logo)


def test_search_finds_a_command_without_a_network(browser: Browser, site: Path) -> None:
    open_page(browser, site, "index")
    browser.run(f"location.href = 'file://{site}/search.html?q=max-cost'")
    found: list[str] = []
    deadline = time.monotonic() + 60
    # What is found is put on the page one after the other.
    while not any(link.endswith("reference/commands.html") for link in found):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
        found = browser.run("[...document.querySelectorAll('ul.search a')].map(a => a.pathname)")
    # Without a server a browser refuses the summaries of what was found: hear it out.
    before = -1
    while before != len(browser.complaints) and time.monotonic() < deadline:
        before = len(browser.complaints)
        time.sleep(1)
        browser.run("1")


def test_a_button_copies_the_commands_alone(browser: Browser, site: Path) -> None:
    open_page(browser, site, "reference/commands")
    buttons = browser.run("document.querySelectorAll('button.copy').length")
    assert buttons == browser.run("document.querySelectorAll('div.highlight').length") > 20
    block = (
        "const block = document.createElement('pre');"
        "block.innerHTML = '<span class=gp>$ </span>mlcc check \\\\\\n  a.csv\\nfine\\n';"
        "commandsOf(block)"
    )
    assert browser.run(block) == "mlcc check \\\n  a.csv"
    whole = "commandsOf(document.querySelector('div.highlight-sh pre'))"
    assert browser.run(whole).splitlines()[0].startswith("mlcc ")
