"""The page of a report in a real browser: it shows all, asks for nothing, and fits everywhere."""

from __future__ import annotations

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mlcc_core.actions.runs.compare.curves import Curve
from mlcc_core.actions.runs.compare.settings import Setting
from mlcc_core.actions.runs.report.lengths import summed
from mlcc_core.actions.runs.report.model import Data, Headline, Report
from mlcc_core.actions.runs.report.page.page import page_of
from tests.browser import Browser
from tests.mlcc_core.evaluations import HOSTILE, metric_result, row_results, sample_evaluation

LONG = "averylongword" * 40
IMAGE = "<img src='http://127.0.0.1:9/seen.png' onerror='document.title = 1'>"


def sample_report(text: str = "some text") -> Report:
    """A report with everything in it, and ``text`` wherever a text comes from elsewhere."""
    metrics = [
        metric_result(f"m{n}", title=f"{text} {n}", decides=n == 0, unit=text, note=text)
        for n in range(6)
    ]
    evaluation = sample_evaluation(
        text,
        against=text,
        dataset=text,
        settings={text: text},
        metrics=tuple(metrics),
        problems=(text,),
        rows=(
            *row_results(),
            dataclasses.replace(row_results(1)[0], reply=text, rejected=text, expected=None),
        ),
    )
    curves = (
        Curve("loss", "loss", tuple((float(n), 3.0 / n) for n in range(1, 40))),
        Curve("held_out_loss", "held-out loss", ((0.0, 3.2), (39.0, 0.8))),
        Curve("learning_rate", text + "&", ((1.0, 0.0002), (39.0, 0.0002))),
    )
    return Report(
        job=text,
        technique=text,
        platform=text,
        status=text,
        model=text,
        sent="2026-01-01 10:00",
        headline=Headline("good", text, text, text),
        curves=curves,
        evaluation=evaluation,
        data=Data(text, text, (text,), ((text, 9, 7, 1, 1, 0),), summed(range(100), whole=True)),
        settings=(Setting(f"--{text}", {text: text}, "given"),),
        lineage=(text,),
        facts={text: text},
        command=text,
        run_file=text,
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(page_of(sample_report()))
    return path


class Elements(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize(
    "text", [HOSTILE, IMAGE, "\"' onload='x", "</style></script><b>", "\0\ud800"]
)
def test_no_text_becomes_markup(text: str):
    found = [Elements(), Elements()]
    for each, report in zip(found, (sample_report(text), sample_report()), strict=True):
        each.feed(page_of(report))
    assert found[0].names == found[1].names


def test_control_characters_are_seen(browser: Browser, page: Path):
    page.write_text(page_of(sample_report("a\0b\x1b[31m\r")))
    browser.open(page)
    assert browser.run("document.querySelector('h1').textContent") == "a␀b␛[31m␍"


def test_everything_is_shown_and_nothing_is_asked_for(browser: Browser, page: Path):
    browser.open(page)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    shown = browser.run("document.body.innerText")
    for part in ("some text", "Evaluation", "Loss by step", "Data", "Settings", "Examples"):
        assert part in shown, part
    assert "<script>document.title" in shown
    assert "some text& 0.0002 → 0.0002" in shown
    assert not set(re.findall(r"&(?:amp|lt|gt|quot|#x?[0-9a-f]+);", shown))
    assert browser.run("document.querySelectorAll('svg').length") == 6 + 2 + 1
    assert browser.run("[...document.querySelectorAll('svg')].every(e => e.clientWidth > 100)")


@pytest.mark.parametrize("text", [HOSTILE, IMAGE])
def test_hostile_rows_do_nothing(browser: Browser, page: Path, text: str):
    page.write_text(page_of(sample_report(text)))
    browser.open(page)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    assert browser.run("document.title") == f"{text}: {text}"


@pytest.mark.parametrize("text", ["some text", LONG])
def test_a_phone_scrolls_in_one_direction_alone(browser: Browser, page: Path, text: str):
    page.write_text(page_of(sample_report(text)))
    browser.open(page, width=360, height=740)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    outside = "e => e.getBoundingClientRect().right > 361"
    assert browser.run(f"[...document.querySelectorAll('body *')].filter({outside}).length") == 0
    labels = "[...document.querySelectorAll('section .wide td')].slice(0, 5).map(cell =>"
    labels += " getComputedStyle(cell, '::before').content)"
    verdict, mine, _, difference, interval = browser.run(labels)
    assert (verdict, mine, difference) == ('"verdict"', '"this run"', '"difference"')
    assert interval == '"95 % interval"'


VISIBLE = "[...document.querySelectorAll('.example')].filter(e => e.offsetHeight).length"


def look_for(browser: Browser, words: str) -> tuple[int, str]:
    """Type into the search; return the examples that are left, and what it says."""
    browser.run(
        f"(() => {{ const s = document.getElementById('search'); s.value = {words!r};"
        " s.dispatchEvent(new Event('input')); })()"
    )
    return browser.run(VISIBLE), browser.run("document.getElementById('found').textContent")


def test_the_search_leaves_rows_with_all_words(browser: Browser, page: Path):
    browser.open(page)
    assert browser.run(VISIBLE) == 25
    assert look_for(browser, "Say 17.") == (1, "1 of 25 rows")
    assert look_for(browser, "NUMBER 21 cannot") == (1, "1 of 25 rows")
    assert look_for(browser, "nothing-like-it") == (0, "0 of 25 rows")
    assert look_for(browser, " ") == (25, "25 rows")


def test_it_is_whole_without_scripts(browser: Browser, page: Path):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        assert browser.run(VISIBLE) == 25
        assert browser.run("document.getElementById('search').offsetHeight") == 0
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


COLOURS = """[
    getComputedStyle(document.body).backgroundColor,
    getComputedStyle(document.body).color,
    getComputedStyle(document.querySelector('.curve.train')).stroke,
    getComputedStyle(document.querySelector('.bar')).fill,
]"""
CONTRAST = """(() => {
    const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = text => {
        const [r, g, b] = text.match(/[0-9.]+/g).map(Number).map(channel);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const back = e => {
        const own = getComputedStyle(e).backgroundColor;
        return own === 'rgba(0, 0, 0, 0)' ? back(e.parentElement) : own;
    };
    return Math.min(...[...document.querySelectorAll('p, td, th, small, b, .word, pre')].map(e => {
        const [one, other] = [light(getComputedStyle(e).color), light(back(e))];
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }));
})()"""


def test_it_is_readable_in_the_dark_and_in_the_light(browser: Browser, page: Path):
    browser.open(page)
    light, contrast = browser.run(COLOURS), browser.run(CONTRAST)
    browser.open(page, dark=True)
    dark = browser.run(COLOURS)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert contrast >= 4.5
    assert browser.run(CONTRAST) >= 4.5


def test_paper_is_white_whatever_is_preferred(browser: Browser, page: Path):
    browser.open(page, dark=True)
    browser.look(dark=True, media="print")
    assert browser.run(COLOURS)[:2] == ["rgb(255, 255, 255)", "rgb(29, 29, 31)"]
    assert browser.run("document.querySelector('.search').offsetHeight") == 0
    printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF")
    assert len(printed) > 10_000
