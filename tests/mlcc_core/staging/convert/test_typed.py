"""Blocks through the typed decoder come to the same end as row by row, byte for byte."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging.convert.json_blocks import JsonLinesConverter
from mlcc_core.staging.convert.lines import convert_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.rows import Lines
from mlcc_core.staging.rules.column_rewrite import rewrite_of
from mlcc_core.staging.rules.plan import Tally, make_plan
from tests.mlcc_core.staging.datasets import PAIRS, PREFERENCES, PROMPTS, make_job

TEXT = st.sampled_from(
    ["", " ", "a: b", 'say "x": y', "{}", "\u2028\0\U0001f600", "\\", "\ufeff", "né"]
)
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": TEXT})
LISTS = st.lists(MESSAGE, min_size=1, max_size=3)
ODD = st.sampled_from([None, 1, [], {}, "text", [{}], {"role": "user"}, [1], 10**40, True])
FORMS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\t: "), (",\r", "\r:")])


MOSTLY = st.integers(0, 9).map(bool)
ROLES = st.sampled_from(["user", "assistant", "user", "GPT", "system", "assistant", "tool"])
TURN = st.builds(lambda role, text: {"role": role, "content": text}, ROLES, TEXT)
ANSWER = st.builds(lambda text: {"role": "assistant", "content": text}, TEXT)
CONVERSATION = st.builds(
    lambda turns, answer: [*turns, answer], st.lists(TURN, max_size=3), ANSWER | TURN
)


@st.composite
def line(draw, value):
    """A row of one kind of value: mostly fine, and mostly in one order."""
    names = ["prompt", "chosen", "rejected", "more"]
    if not draw(MOSTLY):
        names = draw(st.permutations(names))
    return draw(text_of([(n, draw(value if draw(st.integers(0, 15)) else ODD)) for n in names]))


@st.composite
def conversation(draw):
    """A row of messages, now and then beside a prompt, a completion or tools."""
    pairs = [("more", draw(TEXT)), ("messages", draw(CONVERSATION if draw(MOSTLY) else ODD))]
    for name, value in (("prompt", TEXT), ("completion", TEXT), ("tools", ODD)):
        if not draw(MOSTLY):
            pairs.append((name, draw(value)))
    return draw(text_of(draw(st.permutations(pairs))))


@st.composite
def preference(draw):
    """A row of two conversations that mostly share all but the answer."""
    shared = draw(st.lists(TURN, min_size=1, max_size=2) | st.lists(TURN, max_size=3))
    pairs = []
    for name in ("chosen", "rejected"):
        before = shared if draw(MOSTLY) else [turn | {"content": draw(TEXT)} for turn in shared]
        turns = [*before, draw(ANSWER if draw(MOSTLY) else TURN)]
        pairs.append((name, turns if draw(MOSTLY) else draw(ODD)))
    if not draw(MOSTLY):
        pairs.append(("prompt", draw(TEXT)))
    return draw(text_of(draw(st.permutations([*pairs, ("more", 1)]))))


@st.composite
def text_of(draw, pairs):
    """Pairs as JSON text, now and then with a key twice, a key less or broken bytes."""
    pairs = list(pairs)
    damage = draw(st.integers(0, 40))
    if damage == 0:
        pairs.append(pairs[0])
    if damage == 1:
        pairs.pop()
    comma, colon = draw(FORMS)
    ascii_only = draw(st.booleans())
    text = comma.join(
        json.dumps(k) + colon + json.dumps(v, ensure_ascii=ascii_only) for k, v in pairs
    )
    raw = b"{" + text.encode() + b"}"
    if damage == 2:
        raw = raw.replace(b"a", b"\xff")
    if damage == 3:
        raw += b" {}"
    if damage == 4:
        raw = raw.replace(b'"prompt"', b'"pro\\u006dpt"')
    return raw


def by_both(schema, rows, **conversion):
    job = make_job(b"", schema, **conversion)
    first = next((json.loads(row) for row in rows if is_object(row)), {})
    plan = make_plan(job, rewrite_of(job), [first])
    batch = Lines(range(1, len(rows) + 1), rows)
    ends = []
    for fast in (True, False):
        tally = Tally()
        singly = RowConverter(plan, {}, tally)
        written = []
        outcome = (
            JsonLinesConverter(plan, {}, tally, wanted=True).convert(batch, written.append)
            if fast
            else convert_lines(batch, singly, written.append)
        )
        bad = [
            (row.number, row.text, [str(f.__dict__) for f in row.issues]) for row in outcome.invalid
        ]
        counts = [
            +Counter(c)
            for c in (
                tally.blank,
                tally.other_role,
                tally.evaluators,
                tally.wrapped,
                tally.translated,
            )
        ]
        columns = set(tally.dropped), set(tally.kept)
        ends.append((b"".join(written), outcome.written, outcome.read, bad, counts, columns))
    return ends


def is_object(row):
    try:
        return isinstance(json.loads(row), dict)
    except ValueError:
        return False


@given(st.lists(line(TEXT), min_size=1, max_size=12))
def test_rows_of_text(rows):
    fast, singly = by_both(PREFERENCES, rows)
    assert fast == singly


@given(st.lists(line(MESSAGE), min_size=1, max_size=12))
def test_rows_of_one_message(rows):
    fast, singly = by_both(PREFERENCES, rows)
    assert fast == singly


@given(st.lists(line(LISTS), min_size=1, max_size=12))
def test_rows_of_messages(rows):
    fast, singly = by_both(PREFERENCES, rows)
    assert fast == singly


@given(st.lists(line(LISTS), min_size=1, max_size=12))
def test_rows_that_keep_their_messages(rows):
    fast, singly = by_both(PROMPTS, rows, evaluator_given=True)
    assert fast == singly


@given(st.lists(line(TEXT), min_size=1, max_size=12))
def test_rows_of_text_that_become_messages(rows):
    fast, singly = by_both(PROMPTS, rows, evaluator_given=True)
    assert fast == singly


@given(st.lists(conversation(), min_size=1, max_size=12))
def test_rows_made_from_messages(rows):
    fast, singly = by_both(PAIRS, rows, from_messages=True)
    assert fast == singly


@given(st.lists(preference(), min_size=1, max_size=12))
def test_rows_of_which_prompts_are_extracted(rows):
    fast, singly = by_both(PREFERENCES, rows, extract_prompt=True)
    assert fast == singly


@pytest.mark.parametrize(
    "name", ["a key", 'a "key"', "a\\key", "a\nkey", "ключ", "a.b", "\u2028", ""]
)
def test_a_column_of_any_name_is_dropped(name):
    rows = [json.dumps({"prompt": "a", "completion": "b", name: n}).encode() for n in range(9)]
    fast, singly = by_both(PAIRS, rows)
    assert fast == singly
    assert fast[1] == len(rows)


def test_a_bad_row_among_many_is_the_only_one_looked_at_singly(monkeypatch):
    rows = [json.dumps({"prompt": "a", "completion": f"{n}"}).encode() for n in range(5000)]
    rows[3210] = b'{"prompt": "a", "completion": 1}'
    looked_at = looked_at_singly(monkeypatch)
    plan = make_plan(make_job(b"", PAIRS), None, [json.loads(rows[0])])
    outcome = JsonLinesConverter(plan, {}, Tally(), wanted=True).convert(
        Lines(range(5000), rows), None
    )
    assert outcome.written == 4999
    assert [row.number for row in outcome.invalid] == [3210]
    assert len(looked_at) <= 4


PLAIN = {
    "messages": (PAIRS, {"from_messages": True}, ("messages",)),
    "answers": (PREFERENCES, {"extract_prompt": True}, ("chosen", "rejected")),
}


@pytest.mark.parametrize("case", PLAIN)
@pytest.mark.parametrize("keys", [("role", "content"), ("from", "value")])
def test_repairs_look_at_no_plain_row_singly(monkeypatch, case, keys):
    schema, flags, names = PLAIN[case]
    turns = [dict(zip(keys, turn, strict=True)) for turn in (("user", "a"), ("assistant", "b"))]
    rows = [json.dumps(dict.fromkeys(names, turns) | {"id": n}).encode() for n in range(100)]
    looked_at = looked_at_singly(monkeypatch)
    job = make_job(b"", schema, **flags)
    plan = make_plan(job, rewrite_of(job), [json.loads(rows[0])])
    outcome = JsonLinesConverter(plan, {}, Tally(), wanted=True).convert(
        Lines(range(100), rows), None
    )
    assert (outcome.written, looked_at) == (100, [])


def test_further_columns_let_no_plain_row_be_looked_at_singly(monkeypatch):
    row = {"id": 1, "prompt": "a", "reward_model": "judge", "level": [1], "source": "b"}
    rows = [json.dumps(row | {"id": n}).encode() for n in range(100)]
    looked_at = looked_at_singly(monkeypatch)
    written = []
    plan = make_plan(make_job(b"", PROMPTS), None, [row])
    tally = Tally()
    lines = JsonLinesConverter(plan, {}, tally, wanted=True)
    lines.convert(Lines(range(100), rows), written.append)
    first = json.loads(b"".join(written).splitlines()[0])
    assert list(first) == ["prompt", "reward_model", "id", "level", "source"]
    assert first["prompt"] == [{"role": "user", "content": "a"}]
    assert (tally.wrapped["prompt"], looked_at) == (100, [])


def looked_at_singly(monkeypatch):
    """Rows that are converted one by one, as they come."""
    rows = []
    convert = RowConverter.convert
    monkeypatch.setattr(
        RowConverter, "convert", lambda self, row: rows.append(row) or convert(self, row)
    )
    return rows
