"""The language of ``--column-map``: what it means, what is refused, what a shell makes of it."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import Conversion, parse_column_map
from mlcc_core.staging.model.column_map import extended, format_column_map, sources_of

QUESTION = "What is the question, in one line?"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("input:prompt, output : completion", (("input", "prompt"), ("output", "completion"))),
        ("prompt=input", (("input", "prompt"),)),
        ("prompt=input,output:completion", (("input", "prompt"), ("output", "completion"))),
        ("instruction + input : prompt", ((("instruction", "input"), "prompt"),)),
        ("prompt=system+question", ((("system", "question"), "prompt"),)),
        ("a+b+c:d", ((("a", "b", "c"), "d"),)),
        ("input:-", (("input", None),)),
        ("-=input", (("input", None),)),
        ("input+id:-", (("input", None), ("id", None))),
        (f'"{QUESTION}":prompt', ((QUESTION, "prompt"),)),
        (f"'{QUESTION}':prompt", ((QUESTION, "prompt"),)),
        ('"a+b"+"c=d":"e:f"', ((("a+b", "c=d"), "e:f"),)),
        ('"say ""so"", please":prompt', (('say "so", please', "prompt"),)),
        ("'it''s':prompt", (("it's", "prompt"),)),
        ('" edge ":prompt', ((" edge ", "prompt"),)),
        ('x:"-"', (("x", "-"),)),
        ('"":prompt', (("", "prompt"),)),
        ("in put:prompt", (("in put", "prompt"),)),
        ("What's new?:prompt", (("What's new?", "prompt"),)),
        ('a 5" disk:prompt', (('a 5" disk', "prompt"),)),
        ("Größe+质量:prompt", ((("Größe", "质量"), "prompt"),)),
    ],
)
def test_reads_what_is_written(text, pairs):
    assert parse_column_map(text) == pairs


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "'' is not a pair"),
        ("input", "'input' is not a pair"),
        ("a:b,", "'' is not a pair"),
        ("a:b:c", "'a:b:c' is not a pair"),
        ("a=b=c", "'a=b=c' is not a pair"),
        ("a=b:c", "a name with one of , : + = stands in quotes"),
        (":b", "':b' is not a pair"),
        ("a:", "'a:' is not a pair"),
        ("a+:b", "'a+:b' is not a pair"),
        ("+a:b", "'+a:b' is not a pair"),
        ("a++b:c", "'a++b:c' is not a pair"),
        ("a:b+c", "'a:b+c' has 2 targets"),
        ("b+c=a", "'b+c=a' has 2 targets"),
        ("a:b,a:c", "column 'a' is renamed twice"),
        ("a+b:c,a:d", "column 'a' is renamed twice"),
        ("a+a:c", "column 'a' is renamed twice"),
        ("a:c,a:-", "column 'a' is renamed twice"),
        ("a:c,b:c", "column 'c' is the target of two"),
        ('"a:prompt', "the quote before 'a' is not closed"),
        ('"a"b:prompt', "has text beside its quotes"),
        ('a "b":prompt,"c', "the quote before 'c' is not closed"),
    ],
)
def test_says_what_it_cannot_read(text, what):
    with pytest.raises(MlccError) as caught:
        parse_column_map(text)
    assert what in caught.value.what
    assert caught.value.where == "--column-map"
    assert caught.value.hint.startswith('--column-map "')


NAMES = st.text(min_size=0, max_size=6) | st.text(",:+=\"'- \n\\$`!a", max_size=6)


@st.composite
def maps(draw):
    names = draw(st.lists(NAMES, unique=True, max_size=8, min_size=1))
    pairs = []
    while names:
        size = draw(st.integers(1, min(3, len(names))))
        parts, names = names[:size], names[size:]
        pairs.append((parts[0] if size == 1 else tuple(parts), draw(NAMES)))
    targets = [target for _, target in pairs]
    pairs = [p for number, p in enumerate(pairs) if p[1] not in targets[:number]]
    left_out = draw(st.lists(NAMES, unique=True, max_size=2))
    used = {name for pair in pairs for name in sources_of(pair)}
    return (*pairs, *((name, None) for name in left_out if name not in used))


@given(maps())
def test_what_is_written_is_read_again(pairs):
    assert parse_column_map(format_column_map(pairs)) == pairs


@given(st.text(",:+=\"'-a ", max_size=12))
def test_any_text_is_read_or_refused(text):
    try:
        pairs = parse_column_map(text)
    except MlccError:
        return
    assert parse_column_map(format_column_map(pairs)) == pairs


def test_a_long_text_is_refused_at_once():
    with pytest.raises(MlccError):
        parse_column_map('"' + '""a' * 50_000)


STRANGE = (
    "a, b",
    "a:b",
    "a+b=c",
    'the "x"',
    "it's",
    "$HOME `id` !",
    "back\\slash",
    "two\nlines",
    "-",
)


@pytest.mark.parametrize("name", STRANGE)
def test_a_printed_map_survives_the_shell(name):
    pairs = (((name, "other"), "prompt"), (f"{name}2", None))
    (flag,) = Conversion(column_map=pairs).flags()
    program = "import sys; sys.stdout.write(sys.argv[2])"
    done = subprocess.run(
        ["sh", "-c", f"python3 -c {shlex.quote(program)} {flag}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert parse_column_map(done.stdout) == pairs


def test_both_quotes_stand_in_either_quotes_of_a_shell():
    for words in (
        f"""--column-map '"{QUESTION}":prompt'""",
        f'''--column-map "'{QUESTION}':prompt"''',
    ):
        assert parse_column_map(shlex.split(words)[1]) == ((QUESTION, "prompt"),)


def test_more_entries_build_on_the_names_of_a_map():
    first = (("instruction", "prompt"), ("output", "completion"))
    more = [(("prompt", "input"), "prompt")]
    assert extended(first, more) == ((("instruction", "input"), "prompt"), first[1])
    assert extended(first, [("input", None)]) == (*first, ("input", None))
    assert extended((("a", "messages"),), [("messages", "prompt")]) == (("a", "prompt"),)
    joined = ((("a", "b"), "prompt"),)
    assert extended(joined, [(("system", "prompt"), "prompt")]) == (
        (("system", "a", "b"), "prompt"),
    )
    assert extended((), more) == tuple(more)
