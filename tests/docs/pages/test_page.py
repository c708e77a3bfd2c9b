"""A block that nothing would run is found, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages.page import Setup, faults, parts, surroundings

GOOD = """\
# Title
<!-- page: project, hub -->

Text.

<!-- setup
touch "made"
-->

```sh
mlcc check made
```

<!-- file: a.yaml -->
```yaml
a: 1
```

<!-- background -->
```sh
mlcc serve
```

```text
Some output
```
"""


def write(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text)
    return page


def test_a_page_has_its_parts_in_order(tmp_path: Path) -> None:
    page = write(tmp_path, GOOD)
    assert list(faults(page)) == []
    assert surroundings(page) == ["project", "hub"]
    found = parts(page)
    assert [type(part) is Setup for part in found] == [True, False, False, False, False]
    assert [part.line for part in found] == [7, 11, 16, 21, 25]
    assert [getattr(part, "background", None) for part in found] == [
        None,
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("```text\nSome output", "```text\n$ mlcc check", "holds a command"),
        ("```text\nSome output", "```text\nmlcc check train.jsonl", "holds a command"),
        ("```text\nSome output", "```text\n./do/check", "holds a command"),
        ("```text\nSome output", "```text\npip install mlcc", "holds a command"),
        ("```text\nSome output", "```text\nThen:\n$ rm x", "holds a command"),
        ("```text\nSome output", "```bash\nls", "this is 'bash'"),
        ("```text\nSome output", "```\nls", "this is ''"),
        ("```text\nSome output\n```", "  ```sh\n  ls\n  ```", "indented"),
        ("```text\nSome output\n```", "~~~sh\nls\n~~~", "indented"),
        ("<!-- page: project, hub -->", "<!-- page: moon -->", "this is 'moon'"),
        ("<!-- page: project, hub -->", "<!-- pages: hub -->", "stands once"),
        ("Text.", "Text.\n\n<!-- page: hub -->", "stands once"),
        ("<!-- setup\n", "<!-- set-up\n", "nothing known: 'set-up'"),
        ("<!-- background -->\n```sh", "<!-- background -->\n\n```sh", "on the line before"),
        ("<!-- background -->\n```sh", "<!-- background -->\n```console", "only an sh block"),
        ('touch "made"\n-->', 'touch "made" -->', "ends with a line that is -->"),
    ],
)
def test_what_would_not_be_run_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    found = list(faults(write(tmp_path, GOOD.replace(old, new))))
    assert any(fault in line for line in found), found
