"""A page that says what is not so fails, wherever the untruth stands."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.docs.pages.conftest import Opening

TRUE = """\
# A page

```console
$ cd /tmp && \\
cd - > /dev/null
$ mkdir "a folder"
$ cd "a folder"
$ export COLOR=red
$ pwd
…/a folder
$ echo '❌ never mind'; false
❌ never mind
```

```sh
test "$COLOR" = red
cd ..
touch here
```

<!-- file: shown.txt -->
```text
first
```

<!-- file: shown.txt (continued) -->
```text
second
```

```python
import os
from pathlib import Path

assert Path("here").exists()
assert Path("shown.txt").read_text() == "first\\n\\n\\nsecond\\n"
assert os.environ["COLOR"] == "red"
```
"""


def write(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text)
    return page


def test_a_true_page_is_followed_to_its_end(reader: Opening, tmp_path: Path) -> None:
    reader([]).follow(write(tmp_path, TRUE))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("…/a folder", "…/another", "line 9"),
        ("$ pwd\n", "$ pwd; false\n", "line 9"),
        ("; false\n❌", "\n❌", "line 11"),
        ('test "$COLOR" = red', 'test "$COLOR" = blue', "line 16"),
        ("cd ..\n", "cd .. | false | true\n", "line 16"),
        ("cd ..\n", "echo $UNKNOWN\n", "line 16"),
        ("exists()\n", "is_dir()\n", "line 35"),
        ("cd ..\n", "pip install 'mlcc[nothing]'\n", "mlcc has no extra nothing"),
        ("cd ..\n", "pip install not-installed-here\n", "nothing is downloaded"),
        ("cd ..\n", "mlcc frobnicate\n", "frobnicate"),
        ("; false\n❌ never mind", "\n$ mlcc check nowhere.jsonl --technique sft", "nowhere.jsonl"),
    ],
)
def test_an_untrue_page_fails(
    reader: Opening, tmp_path: Path, old: str, new: str, line: str
) -> None:
    assert old in TRUE
    page = write(tmp_path, TRUE.replace(old, new))
    with pytest.raises(AssertionError, match=r"page\.md, ") as failed:
        reader([]).follow(page)
    assert line in str(failed.value)


def test_lines_of_progress_come_and_go(reader: Opening, tmp_path: Path) -> None:
    said = "printf 'Counting tokens: 60 rows\\nfine\\n'"
    page = f"```console\n$ {said}\nfine\n$ {said}\nCounting …\nfine\n```\n"
    reader([]).follow(write(tmp_path, page))


def test_set_up_is_run_and_may_fail(reader: Opening, tmp_path: Path) -> None:
    page = write(tmp_path, '# A\n\n<!-- setup\ncp "$EXAMPLES"/datasets/sft.jsonl .\nfalse\n-->\n')
    with pytest.raises(AssertionError, match="line 4"):
        reader([]).follow(page)
    assert (tmp_path / "work" / "sft.jsonl").is_file()


SERVER = """\
# A server

<!-- setup
cat > server.py <<'END'
import http.server, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
open("port", "w").write(str(server.server_port))
server.serve_forever()
END
-->

<!-- background -->
```sh
python server.py
```

```python
from pathlib import Path
from urllib.request import urlopen

assert urlopen(f"http://127.0.0.1:{Path('port').read_text()}/port").status == 200
```
"""


def test_a_server_runs_until_the_page_ends(reader: Opening, tmp_path: Path) -> None:
    following = reader([])
    following.follow(write(tmp_path, SERVER))
    port = int((tmp_path / "work" / "port").read_text())
    following.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("bad", ["exit 3", "sleep 0.1"])
def test_a_server_that_ends_fails_its_page(reader: Opening, tmp_path: Path, bad: str) -> None:
    page = write(tmp_path, SERVER.replace("python server.py", bad))
    with pytest.raises(AssertionError, match="line 15"):
        reader([]).follow(page)


PACKAGE = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "own"
version = "1"

[project.scripts]
own = "own:main"
"""


def test_packages_of_the_reader_are_installed(reader: Opening, tmp_path: Path) -> None:
    page = f"""\
<!-- file: own/pyproject.toml -->
```toml
{PACKAGE}```

<!-- file: own/own.py -->
```python
def main(): print("one")
```

```console
$ python3 -m venv .venv
$ . .venv/bin/activate
$ pip install -U 'mlcc[local]' hatchling pytest
$ .venv/bin/pip install -q -e ./own
$ own
one
$ sed -i s/one/two/ own/own.py
$ own
two
$ python3 -m pip uninstall -y own
```

```sh
own
```
"""
    with pytest.raises(AssertionError, match=r"exit code 127, line 34"):
        reader([]).follow(write(tmp_path, page))


@pytest.mark.slow
def test_the_project_is_finished(reader: Opening) -> None:
    commands = "mlcc runs list\nmlcc adapter list\nmlcc test --adapter tuned-sft Hello"
    code, said = reader(["project"]).bash(commands, "-eu")
    assert code == 0, said
    assert "completed" in said
    assert "tuned-sft" in said


@pytest.mark.slow
def test_the_hub_and_the_account_are_there(reader: Opening) -> None:
    following = reader(["account", "hub"])
    code, said = following.bash("mlcc check s3://my-bucket/train.jsonl --technique sft", "-eu")
    assert code == 0, said
    code, said = following.bash("mlcc check hf://my-org/questions --technique sft", "-eu")
    assert code == 0, said
