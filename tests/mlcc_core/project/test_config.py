"""``do/config``: read as a shell reads it, written so that a shell can source it safely."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.project.config import changed_text, parse_config, read_config, write_variables

PATH = Path("do/config")
NASTY = [
    "",
    "plain",
    "two words",
    "it's",
    'say "hi"',
    "$(touch ran)",
    "`touch ran`",
    "; touch ran",
    "a\\",
    "\\'; touch ran; '",
    "$HOME",
    "~/x",
    "# no comment",
    "a#b",
    "*",
    "-n",
    "=",
    "é ✅ 日本",
    "tab\tand\rreturn",
    "!!",
    "a|b&c<d>e",
    "\x1b[31m",
]

values = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n\0"), max_size=40
) | st.sampled_from(NASTY)
names = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True).map("X_{}".format)


def parsed(text: str):
    return parse_config(PATH, text)


def sourced(shell: str, path: Path, name: str) -> str:
    script = f'. "$1"; printf %s "${{{name}-UNSET}}"'
    run = subprocess.run(
        [shell, "-c", script, shell, path], cwd=path.parent, capture_output=True, timeout=20
    )
    assert run.stderr == b""
    return run.stdout.decode()


@given(st.dictionaries(names, values, max_size=5), st.dictionaries(names, values, max_size=5))
def test_what_is_written_is_read(first: dict[str, str], second: dict[str, str]):
    text = changed_text(parsed("# head\n"), first)
    config = parsed(changed_text(parsed(text), second))
    assert config.odd_lines == ()
    assert dict(config.known()) == first | second
    assert len(config.assignments) == len(first | second)


@given(
    st.text(alphabet="AB=1'\"\\$`# \t\n\r;(", max_size=60) | st.text(),
    st.dictionaries(names | st.sampled_from("AB"), values, max_size=3),
)
def test_any_text_is_read_or_refused_and_writing_changes_nothing_else(
    text: str, wanted: dict[str, str]
):
    try:
        before = parsed(text)
        after = parsed(changed_text(before, wanted))
    except MlccError:
        return
    assert {name: after.get(name) for name in wanted} == {k: v or None for k, v in wanted.items()}
    assert [a for a in before.known().items() if a[0] not in wanted] == [
        a for a in after.known().items() if a[0] not in wanted
    ]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_sources_the_very_values(tmp_path: Path, shell: str):
    path = tmp_path / "config"
    path.write_text("# head\nOTHER=1\n")
    write_variables(path, {f"X{i}": value for i, value in enumerate(NASTY)})
    for i, value in enumerate(NASTY):
        assert sourced(shell, path, f"X{i}") == value
    assert not (tmp_path / "ran").exists()


SHELL_READS = [
    ("A=b", "b"),
    ("export A=b", "b"),
    ("  export \t A=b", "b"),
    ("A='b c'", "b c"),
    ('A="b c"', "b c"),
    ("""A='it'"'"'s'""", "it's"),
    (r"A=b\ c", "b c"),
    (r'A="a\"b\\c\d"', r'a"b\c\d'),
    (r'A="\$HOME \`x\`"', "$HOME `x`"),
    ("A=b # comment", "b"),
    ("A=b#c", "b#c"),
    ("A= # nothing", ""),
    ("A=", ""),
    ("A=''", ""),
    ("A='two\nlines'", "two\nlines"),
    ('A="two\\\nlines"', "twolines"),
    ("A=two\\\nlines", "twolines"),
    ("A=1\nA=2", "2"),
    ("A=1 B=2", "1"),
    ("export B=2 A=1 # both", "1"),
    ("A=a:b/c@d%e+f,g-h=i", "a:b/c@d%e+f,g-h=i"),
    ("A='$(touch ran)'", "$(touch ran)"),
    ("# A=0\nA=1\n#A=2", "1"),
]


@pytest.mark.parametrize(("text", "value"), SHELL_READS)
def test_reads_what_a_shell_reads(tmp_path: Path, text: str, value: str):
    path = tmp_path / "config"
    path.write_text(text)
    config = read_config(path)
    assert config.known()["A"] == value
    assert config.odd_lines == ()
    for shell in ("sh", "bash"):
        assert sourced(shell, path, "A") == value


@pytest.mark.parametrize(
    "line",
    [
        "A=$(date)",
        "A=`date`",
        "A=$HOME",
        'A="$HOME/x"',
        'A="$(echo "it\'s")"',
        "A=$'it\\'s'",
        "A=~/models",
        "A=b; rm -rf x",
        "A=b rm",
        "A=*.txt",
        "A=b|cat",
        "A=(1 2)",
    ],
)
def test_a_value_that_needs_a_shell_is_an_error_only_when_it_is_read(line: str):
    config = parsed(f"B='before'\n{line}\nC=after\n")
    assert config.get("B") == "before"
    assert config.get("C") == "after"
    assert "A" not in config.known()
    with pytest.raises(MlccError) as caught:
        config.get("A")
    assert line.strip() in caught.value.what
    assert caught.value.where == "do/config:2"
    assert "+2 do/config" in str(caught.value.hint)


def test_a_value_that_needs_a_shell_is_outranked_not_damaged():
    before = "A=$(date)\nB=1; echo x\n"
    text = changed_text(parsed(before), {"A": "plain", "B": None})
    assert text == before + "export A=plain\nexport B=''\n"
    assert parsed(text).get("A") == "plain"
    assert parsed(text).get("B") is None
    assert changed_text(parsed(text), {"A": "again"}) == text.replace("plain", "again")


def test_everything_else_stays_byte_for_byte(tmp_path: Path):
    path = tmp_path / "config"
    before = (
        b"\xef\xbb\xbf# h\xc3\xa9ad\r\n\r\n  export  A='old'   # keep me\r\nif true; then\r\n"
        b"B=1 C=2\r\nfi\nD='x\n\ny' # end\n\texport E=no"
    )
    path.write_bytes(before)
    write_variables(path, {"A": "new one", "C": "3", "D": "z", "F": "added"})
    expected = before.replace(b"'old'", b"'new one'").replace(b"C=2", b"C=3")
    expected = expected.replace(b"'x\n\ny'", b"z") + b"\nexport F=added\n"
    assert path.read_bytes() == expected
    assert read_config(path).odd_lines == (4, 6)


def test_crlf_and_bom_are_simply_read(tmp_path: Path):
    path = tmp_path / "config"
    path.write_bytes(b'\xef\xbb\xbfexport A=1\r\nB="2"\r\nC=\r\nD=x # y\r\n')
    assert dict(read_config(path).known()) == {"A": "1", "B": "2", "C": "", "D": "x"}


def test_removing_takes_the_line_every_time_it_is_set():
    text = "A=1\n# A\nB=1\nexport A=2 # two\nA=3 C=4\n"
    assert changed_text(parsed(text), {"A": None, "Z": None}) == "# A\nB=1\nA='' C=4\n"


def test_setting_again_replaces_the_last_one_and_adds_no_line():
    assert changed_text(parsed("A=1\nA=2\nB=3"), {"A": "9"}) == "A=1\nA=9\nB=3"


def test_a_last_line_without_end_does_not_swallow_the_new_one():
    for last in ("B=1", "B=1\\", "echo \\", "echo \\\n"):
        text = changed_text(parsed(last), {"A": "2"})
        assert parsed(text).get("A") == "2"
        run = subprocess.run(
            ["sh", "-c", f'{text}\nprintf %s "$A"'], capture_output=True, text=True, timeout=20
        )
        assert run.stdout.strip() == "2"


@pytest.mark.parametrize("value", ["a\nb", "a\0b", "\ud800"])
def test_a_value_that_is_no_line_of_text_is_refused(tmp_path: Path, value: str):
    path = tmp_path / "config"
    path.write_text("A=1\n")
    with pytest.raises(MlccError, match="expected one line of Unicode text"):
        write_variables(path, {"A": value})
    assert path.read_text() == "A=1\n"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"A=1\nB='x\nC=2\n", ":2"),
        (b"# it's\n\nA=\"x", ":3"),
        (b"A=1\nB=\0\n", ":2"),
    ],
)
def test_nonsense_is_one_error_with_its_line(tmp_path: Path, data: bytes, where: str):
    path = tmp_path / "config"
    path.write_bytes(data)
    for act in (read_config, lambda p: write_variables(p, {"A": "2"})):
        with pytest.raises(MlccError) as caught:
            act(path)
        assert caught.value.where == f"{path}{where}"
        assert caught.value.hint
    assert path.read_bytes() == data


def test_binary_is_one_error_with_the_way_out(tmp_path: Path):
    path = tmp_path / "do" / "config"
    path.parent.mkdir()
    path.write_bytes(b"\x7fELF\x80\x81")
    with pytest.raises(MlccError, match=r"not UTF-8 text: byte 4 is 0x80") as caught:
        read_config(path)
    assert caught.value.hint == f"mv {path} {path}.broken && mlcc init {tmp_path}"


def test_a_missing_file_names_init(tmp_path: Path):
    with pytest.raises(MlccError, match="does not exist") as caught:
        read_config(tmp_path / "my project" / "do" / "config")
    assert caught.value.hint == f"mlcc init '{tmp_path / 'my project'}'"
