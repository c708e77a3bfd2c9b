"""Lines, arrays and compressed blocks, wherever they are cut."""

import gzip
import io
import json
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read import streams
from mlcc_core.staging.read.json import lines as json_lines
from tests.mlcc_core.staging.datasets import jsonl


def cut(data, size):
    return (data[start : start + size] for start in range(0, len(data), size))


def elements(source):
    return json_lines.array_elements(source, json_lines.Splitter("x"))


def flat(batches):
    return [
        (number, json_lines.bare(text))
        for batch in batches
        for number, text in zip(batch.numbers, batch.texts, strict=True)
    ]


TEXT = st.dictionaries(st.text(max_size=3), st.text(max_size=6) | st.integers(), max_size=2)


@given(
    rows=st.lists(TEXT, max_size=6), size=st.integers(1, 40), end=st.sampled_from(["\n", "\r\n"])
)
def test_lines_do_not_depend_on_blocks(rows, size, end):
    text = "\ufeff" + end.join(
        ["", *(json.dumps(row, ensure_ascii=False) for row in rows), " ", ""]
    )
    found = flat(json_lines.json_lines(cut(text.encode(), size), "x"))
    assert [json.loads(line) for _, line in found] == rows
    assert [number for number, _ in found] == list(range(2, len(rows) + 2))


def test_last_line_needs_no_newline():
    assert flat(json_lines.json_lines(iter([b'{"a"', b":1}\n\n{}"]), "x")) == [
        (1, b'{"a":1}'),
        (3, b"{}"),
    ]


def test_other_line_separators_are_no_line_ends():
    line = '{"a":"\u2028\u0085\x0b"}'.encode()
    assert flat(json_lines.json_lines(iter([line]), "x")) == [(1, line)]


def test_endless_line_is_refused(monkeypatch):
    monkeypatch.setattr(json_lines, "LONGEST", 1000)
    with pytest.raises(MlccError, match="x, line 2 is longer than"):
        flat(json_lines.json_lines(cut(b"{}\n" + b"a" * 2000, 100), "x", 64))
    inside = b"{}\n\n" + b"a" * 1001 + b"\n{}\n"
    for size in (1, 7, 999):
        with pytest.raises(MlccError, match="x, line 3 is longer than"):
            flat(json_lines.json_lines(cut(inside, size), "x", 64))
    longest = b"{}\n" + b"a" * 1000 + b"\n{}\n"
    assert len(flat(json_lines.json_lines(cut(longest, 300), "x", 64))) == 3
    with pytest.raises(MlccError, match="x, line 1 is longer than"):
        flat(elements(cut(b'[{"a":"' + b"a" * 2000, 100)))


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(['"', "\\", "]"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    rows=st.lists(VALUE, max_size=5),
    size=st.integers(1, 50),
    indent=st.sampled_from([None, 0, 2]),
    bom=st.booleans(),
)
def test_array_is_cut_into_its_elements(rows, size, indent, bom):
    text = (
        ("\ufeff" if bom else "")
        + " \n"
        + json.dumps(rows, indent=indent, ensure_ascii=False)
        + "\n"
    )
    found = flat(elements(cut(text.encode(), size)))
    assert [json.loads(element) for _, element in found] == rows
    assert all(b"\n" not in element for _, element in found)


def test_array_elements_know_their_lines():
    text = b'[\n  {"a": 1},\n\n  {\n    "a": 2\n  },\n{"a": 3}\n]'
    assert [number for number, _ in flat(elements(iter([text])))] == [2, 4, 7]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (b'[{"a": 1},\n', 2, "the end of the file"),
        (b'[{"a": "x\n"}]', 1, "a line break within a string"),
        (b"[{}]\n[{}", 2, "the end of the file"),
        (b"[{}]\n,[{}]", 2, "',' after the array"),
        (b"[{}]\nx[{}]", 2, "'x' after the array"),
        (b'[{}] {"a": 1}', 1, "after the array"),
        (b"[{}] x", 1, "'x' after the array"),
        (b'[{"a": "x', 1, "the end of the file"),
        (b'[{"a": 1},\n{"a": 2}}', 2, "'}' at the end of the array"),
    ],
)
def test_broken_array(text, line, found):
    for size in (1, 4, 100):
        with pytest.raises(FileError) as caught:
            flat(elements(cut(text, size)))
        assert (caught.value.line, found in caught.value.found) == (line, True)


def test_elements_before_the_break_are_given_out():
    found = []
    with pytest.raises(FileError):
        found.extend(elements(iter([b"[{}, {}] x"])))
    assert flat(found) == [(1, b"{}"), (1, b"{}")]


def test_commas_too_many_are_elements_without_text():
    assert [e for _, e in flat(elements(iter([b"[1,,2,]"])))] == [
        b"1",
        b"",
        b"2",
        b"",
    ]


def test_long_string_in_an_array_is_not_scanned_again_and_again():
    text = b'[{"a": "' + b"x" * (8 << 20) + b'"}]'
    found = flat(elements(cut(text, 1 << 12)))
    assert len(found[0][1]) == len(text) - 2


def unpacked(data, name="x.jsonl.gz", size=1 << 20):
    return b"".join(streams.blocks(io.BytesIO(data), name, size)[0])


def zstd_stream(data):
    sink = io.BytesIO()
    with zstandard.ZstdCompressor(write_checksum=True).stream_writer(sink, closefd=False) as writer:
        writer.write(data)
    return sink.getvalue()


PACKERS = {
    "gzip": (".gz", gzip.compress),
    "zstd": (".zst", zstandard.ZstdCompressor().compress),
    "zstd without size": (".zst", zstd_stream),
}


@pytest.mark.parametrize("packer", PACKERS)
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=3), size=st.integers(1, 200))
def test_unpacks_all_members(packer, parts, size):
    suffix, pack = PACKERS[packer]
    packed = b"".join(map(pack, parts))
    assert unpacked(packed, f"x{suffix}", max(size, 4)) == b"".join(parts)


@pytest.mark.parametrize("packer", PACKERS)
def test_damage_is_never_a_short_dataset(packer):
    suffix, pack = PACKERS[packer]
    data = jsonl(*({"prompt": f"p{i}", "completion": f"{i * i:x}"} for i in range(200)))
    packed = pack(data)
    for end in range(4, len(packed)):
        with pytest.raises(MlccError, match="is damaged"):
            unpacked(packed[:end], f"x{suffix}")


def test_flipped_bit_is_noticed():
    packed = bytearray(gzip.compress(b"hello" * 100))
    packed[-6] ^= 1
    with pytest.raises(MlccError, match=r"x\.jsonl\.gz is damaged"):
        unpacked(bytes(packed))


def test_gzip_padding_is_fine_and_garbage_is_not():
    assert unpacked(gzip.compress(b"a") + b"\0" * 20) == b"a"
    with pytest.raises(MlccError, match="something else follows"):
        unpacked(gzip.compress(b"a") + b"{}")


def test_bombs_come_in_bounded_pieces():
    bomb = zlib.compressobj(wbits=31)
    packed = bomb.compress(b"\0" * (64 << 20)) + bomb.flush()
    sizes = [len(block) for block in streams.blocks(io.BytesIO(packed), "x.gz")[0]]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= streams.BLOCK


def test_zstd_that_takes_too_much_memory_is_not_called_damaged():
    window = zstandard.ZstdCompressionParameters(window_log=28)
    packer = zstandard.ZstdCompressor(compression_params=window).compressobj()
    with pytest.raises(MlccError, match=r"window of more than 128 MiB") as caught:
        unpacked(packer.compress(b"{}") + packer.flush(), "my x.jsonl.zst")
    assert caught.value.hint.startswith("zstd -dc --long=31 'my x.jsonl.zst' > ")


def test_name_that_promises_compression_is_held_to_it():
    with pytest.raises(MlccError, match=r"x\.jsonl\.zst is damaged: expected whole zstd data"):
        unpacked(b'{"a": 1}', "x.jsonl.zst")
