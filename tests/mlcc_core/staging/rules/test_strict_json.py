"""One line, one object, nothing repaired."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.strict_json import encode, parse_object, parse_raw

REFUSED = {
    b'{"a": 1, "a": 2}': "the key 'a' twice",
    b'{"a" : 1, "a" : 2, "b": "\\":"}': "the key 'a' twice",
    b'{"a": {"b": 1, "c": [{"d": 1, "d": 1}]}}': "the key 'd' twice",
    b'{"a": 1, "\\u0061": 2}': "the key 'a' twice",
    b'{"a": NaN}': "NaN",
    b'{"a": -Infinity}': "-Infinity",
    b'{"a": 1e999}': "out of range",
    b'{"a": "\\ud800"}': "lone surrogate \\ud800",
    b'{"a": "\\udc00\\ud800"}': "lone surrogate \\udc00",
    b'{"\\ud800": 1}': "lone surrogate",
    b'{"a": ["\\ud800x"]}': "lone surrogate",
    b'{"a": "\xff"}': "byte 0xff at byte 8",
    b'{"a": "\xed\xa0\x80"}': "byte 0xed at byte 8",
    b'{"a": "x\x00y"}': "a NUL character at column 9",
    b'{"a": "x\x01y"}': "at column 9",
    b'{"a": 1}{"a": 2}': "something after the object, at column 9",
    b'{"a": 1} x': "something after the object",
    b"{": "does not end on the line",
    b'{"a": "x': "does not end on the line",
    b'{"a":': "does not end on the line",
    b'{"a": 01}': "invalid JSON at column 8",
    b'{"a": 1,}': "invalid JSON",
    b"{'a': 1}": "invalid JSON at column 2",
    b'{"a": +1}': "invalid JSON",
    b'{"a": .5}': "invalid JSON",
    b"[1]": "an array",
    b'"a"': "a string",
    b"null": "null",
    b"3": "a number",
    b"true": "a boolean",
    b'{"a":' + b"[" * 100_000: "nested",
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}": "nested",
    b'{"a": ' + b"9" * 5000 + b"}": "a number of 5000 digits",
}


@pytest.mark.parametrize("line", REFUSED, ids=range(len(REFUSED)))
def test_refuses(line):
    with pytest.raises(RowIssue) as caught:
        parse_object(line)
    assert REFUSED[line] in caught.value.found


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1234567890123456789012345678901234567890}',
        '{"a":0.1000000000000000055511151231257827, "b":1E5,"c":-0,"d":1.0}',
        '{"a" :  "\\u00e9\\n\\/" , "b":"\u2028\u0085\U0001f600"}',
        '{ "a":{ "b" : [ 1 ,2 ] } }',
        '{"a": "\\ud83d\\ude00"}',
        '{"a": "x\\":\\"y : z\\\\"}',
        "{}",
    ],
)
def test_keeps_the_text_of_values(text):
    parse_object(text.encode())
    for key, raw in parse_raw(text.encode()).items():
        assert raw.decode() in text
        assert json.loads(raw) == json.loads(text)[key]


def test_carriage_return_between_tokens_becomes_a_blank():
    assert parse_raw(b'{"a": [1,\r2]}') == {"a": b"[1, 2]"}


def test_huge_integers_are_exact():
    assert encode(parse_object(b'{"a": 9' + b"0" * 40 + b"}")) == b'{"a":9' + b"0" * 40 + b"}"


def strictly(line):
    """Parse a line with Python's own reader, made strict; None if it is refused."""

    def pairs(items):
        if len({key for key, _ in items}) < len(items):
            raise ValueError("duplicate")
        return dict(items)

    def number(text):
        if not math.isfinite(float(text)):
            raise ValueError("range")
        return float(text)

    def refuse(name):
        raise ValueError(name)

    try:
        value = json.loads(
            line.decode(), object_pairs_hook=pairs, parse_float=number, parse_constant=refuse
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from([' "a" : 1', '":', " :", "\\", '\\":', "{", "\t:"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["a", " :", '"']), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text(max_size=4), JSON, max_size=4), escaped=st.booleans())
def test_reads_every_object(value, escaped):
    line = json.dumps(value, ensure_ascii=escaped, separators=(" , ", "\t: ")).encode()
    assert parse_object(line) == value
    assert {key: json.loads(raw) for key, raw in parse_raw(line).items()} == value
    assert json.loads(encode(value)) == value


@given(
    line=st.binary(max_size=30)
    | st.lists(
        st.sampled_from(
            [*b'{}[]:," \\', *(b'{"a":1}', b'"a"', b'"b":', b"1", b"NaN", b"\\ud800", b"\xc3\xa9")]
        ),
        max_size=14,
    ).map(lambda parts: b"".join(p if isinstance(p, bytes) else bytes([p]) for p in parts))
)
@example(line=b'{"a":1,"a":1}')
@example(line=b"\xef\xbb\xbf{}")
def test_agrees_with_a_strict_reader_on_anything(line):
    expected = strictly(line)
    try:
        value = parse_object(line)
    except RowIssue:
        value = None
    assert value == expected
