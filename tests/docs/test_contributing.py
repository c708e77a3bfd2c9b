"""CONTRIBUTING.md is executed from its first block to its last, in an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.contract import hookspecs
from tests.docs.blocks import blocks, steps

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
HOOKS = [name for name in vars(hookspecs) if name.startswith("mlcc_")]
PIP = (
    'pip() { python -m pip "$1" --quiet --no-deps --no-index --no-build-isolation --upgrade '
    '--target "$PYTHONPATH" "${@:2}"; }'
)
"""What ``pip`` does on the page, into a folder of the test, and with what is installed already."""


class Reader:
    """Somebody who follows the page to the letter."""

    def __init__(self, folder):
        self.folder = self.here = folder / "work"
        self.here.mkdir()
        self.env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "site"),
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def follow(self, block):
        if block.file:
            self.write(block)
        elif block.language == "console":
            for step in steps(block):
                self.run(step)

    def write(self, block):
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        gap = "\n" if block.text.startswith(" ") else "\n\n"
        before = path.read_text() + gap if block.continued else ""
        path.write_text(before + block.text)

    def run(self, step):
        if step.command.startswith("cd "):
            self.here = (self.here / step.command.removeprefix("cd ")).resolve()
            return
        done = subprocess.run(
            ["bash", "-c", f"{PIP}\n{step.command}"],
            cwd=self.here,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=200,
        )
        fails = any(line.startswith("❌") for line in step.output)
        shown = f"line {step.line}: $ {step.command}\n{done.stdout}"
        assert (done.returncode != 0) == fails, shown
        assert "Traceback" not in done.stdout, shown
        if step.output:
            assert step.expected().match(done.stdout), shown


@pytest.mark.timeout(600)
def test_every_block_does_what_the_page_says(tmp_path):
    reader = Reader(tmp_path)
    for block in blocks(PAGE):
        if not (block.file or "").startswith("mlcc_core/"):  # test_recipe_format follows those
            reader.follow(block)


def test_the_page_ends_at_the_example():
    example = ROOT / "examples" / "mlcc-kto"
    files = {b.file: b.text for b in blocks(PAGE) if b.file and b.file.startswith("mlcc-kto/")}
    assert len(files) == 3
    for file, text in files.items():
        assert text == (example / Path(file).name).read_text(), file


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_shown_or_named(hook):
    code = [b.text for b in blocks(PAGE) if b.language == "python"]
    shown = any(f"def {hook}(" in text for text in code)
    assert shown or (
        hook in ("mlcc_techniques", "mlcc_sources", "mlcc_metrics", "mlcc_model_hubs")
        and f"`{hook}`" in PAGE.read_text()
    )


def test_every_block_is_executed():
    unused = [b for b in blocks(PAGE) if not b.file and b.language not in ("console", "sh")]
    assert unused == []
    assert [b.text for b in blocks(PAGE) if b.language == "sh"] == [
        "pip install 'mlcc[local]' hatchling pytest\n"
    ]


def test_links_lead_somewhere():
    import re

    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text())
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
