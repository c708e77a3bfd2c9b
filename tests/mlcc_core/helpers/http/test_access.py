"""Tokens go to their own server, when it asks for them; redirects and listings are followed."""

import pytest

from mlcc_core import Credential, MlccError, PlatformError
from mlcc_core.helpers.http import (
    ChangedError,
    HttpError,
    HttpFile,
    Token,
    read_document,
    read_json,
    read_pages,
    read_versioned,
)
from mlcc_core.helpers.http.documents import next_page
from mlcc_core.helpers.http.retries import asked_wait
from tests.servers.wire import Fault

GOOD = "t0ken-g00d"
DATA = bytes(range(256)) * 16_000


def read(web, path="/f", token=None):
    with HttpFile(web.address + path, token=token).open() as reader:
        return reader.read()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def token(asked):
    def ask():
        asked.append(1)
        return GOOD

    return Token(ask)


def test_a_public_file_asks_for_no_token(web, token, asked):
    web.files["/f"] = DATA
    assert read(web, token=token) == DATA
    assert not asked


def test_a_refused_request_is_repeated_with_the_token_which_is_asked_for_once(web, token, asked):
    web.token = GOOD
    web.files["/f"] = DATA
    assert read(web, token=token) == DATA
    assert read(web, token=token) == DATA
    assert asked == [1]
    assert [request.status for request in web.requests()].count(401) == 1


def test_a_throttled_request_is_repeated_with_the_token(web, token):
    web.files["/f"] = DATA
    web.plan(Fault(status=429, headers={"Retry-After": "3600"}))
    assert read(web, token=token) == DATA


def test_a_refused_token_is_called_so_and_never_shown(web):
    web.token = GOOD
    with pytest.raises(HttpError) as raised:
        read(web, token=Token(lambda: "wr0ng"))
    assert raised.value.what == f"{web.address}/f does not accept the token (401)."
    assert "wr0ng" not in repr(raised.value.as_json())


def test_without_a_token_access_is_refused(web):
    web.token = GOOD
    for token in (None, Token(lambda: None), Token(lambda: " ")):
        with pytest.raises(HttpError, match=r"refuses access \(401\)"):
            read(web, token=token)


CREDENTIAL = Credential("WEB_TOKEN", purpose="private files", docs="ask Ada")


def test_a_token_that_is_not_set_is_named_with_its_command(web):
    web.token = GOOD
    with pytest.raises(HttpError) as raised:
        read(web, token=Token(lambda: None, CREDENTIAL))
    assert raised.value.what == f"{web.address}/f refuses access (401): WEB_TOKEN is not set."
    assert raised.value.hint == "export WEB_TOKEN=…"
    assert raised.value.detail == ("WEB_TOKEN is for private files: ask Ada",)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_named_with_its_command(web, status):
    web.plan(Fault(status=status), Fault(status=status))
    with pytest.raises(HttpError) as raised:
        read_document(f"{web.address}/f", token=Token(lambda: "wr0ng", CREDENTIAL))
    words = f"{web.address}/f does not accept the token of WEB_TOKEN ({status})."
    assert raised.value.what == words
    assert raised.value.hint == "export WEB_TOKEN=…"
    assert "wr0ng" not in repr(raised.value.as_json())


def test_a_refusal_of_another_server_is_not_laid_to_the_token(web, other):
    web.redirects["/f"] = f"{other.address}/copy"
    other.token = "another"
    with pytest.raises(HttpError) as raised:
        read(web, token=Token(lambda: GOOD, CREDENTIAL))
    assert "WEB_TOKEN" not in repr(raised.value.as_json())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:abc/x?key=5ecret", "http://127.0.0.1:abc/x"),
        ("http://127.0.0.1:99999/x", "http://127.0.0.1:99999/x"),
        ("http://ada:5ecret/@127.0.0.1/x", "The address"),
        ("http://ada:5ecret#@127.0.0.1/x", "The address"),
        ("http://[5ecret/x", "The address"),
    ],
)
@pytest.mark.parametrize("read", [read_json, HttpFile])
def test_a_bad_port_is_refused_with_the_flag_and_what_was_expected(read, url, shown):
    with pytest.raises(MlccError) as raised:
        read(url)
    assert raised.value.where == "--dataset"
    assert raised.value.what.startswith(f"{shown} ")
    assert "expected" in raised.value.what
    assert ("a port from 1 to 65535" in raised.value.what) == (shown != "The address")
    assert "5ecret" not in repr(raised.value.as_json())


def test_a_token_that_no_header_can_hold_is_not_sent_and_not_shown(web):
    web.token = GOOD
    with pytest.raises(PlatformError, match="cannot hold") as raised:
        read(web, token=Token(lambda: "a\r\nX-Evil: 1"))
    assert "Evil" not in repr(raised.value.as_json())


def test_the_form_of_a_header_can_be_chosen():
    token = Token(lambda: GOOD, header="PRIVATE-TOKEN", prefix="")
    assert token.answers(401)
    assert token.headers == {"PRIVATE-TOKEN": GOOD}


def test_another_server_that_is_redirected_to_gets_no_token(web, other, token):
    other.files["/copy"] = DATA
    web.token = GOOD
    web.files["/f"] = b"x"
    assert read(web, token=token) == b"x"
    web.redirects["/f"] = f"{other.address}/copy?signature=1"
    web.journal.forget()
    assert read(web, token=token) == DATA
    assert "authorization" in web.requests()[0].headers
    assert all("authorization" not in request.headers for request in other.requests())


def test_a_redirect_within_the_server_keeps_the_token(web, token):
    web.token = GOOD
    web.redirects["/f"] = "/g"
    web.files["/g"] = DATA
    assert read(web, token=token) == DATA


def test_a_redirect_is_asked_for_once_and_again_when_it_expired(web, other):
    other.files["/copy"] = DATA
    web.redirects["/f"] = f"{other.address}/copy"
    assert read(web) == DATA
    first = len(web.requests())
    other.plan(Fault(status=403, after=3))
    assert read(web) == DATA
    assert (first, len(web.requests())) == (1, 3)


def test_a_copy_of_another_version_behind_an_expired_redirect_is_noticed(web, other):
    other.files["/copy"] = DATA
    web.redirects["/f"] = f"{other.address}/copy"
    with HttpFile(f"{web.address}/f").open() as reader:
        reader.read(10)
        other.files["/copy"] = DATA[::-1]
        other.plan(Fault(status=403))
        with pytest.raises(PlatformError, match="has changed"):
            reader.read()


@pytest.mark.parametrize("target", ["/f", "ftp://x/y", "file:///etc/passwd", "http://[bad?s=1"])
def test_a_redirect_that_leads_nowhere_ends_at_once(web, target):
    web.redirects["/f"] = target
    with pytest.raises(PlatformError) as raised:
        read(web)
    assert "s=1" not in raised.value.what
    assert len(web.requests()) <= 11


def test_a_proxy_of_the_environment_is_used(web, monkeypatch):
    web.files["/f"] = DATA
    monkeypatch.setenv("http_proxy", web.address)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: False)
    document = read_document("http://data.example.org/f")
    assert document == DATA


def test_a_listing_in_pages_is_read_to_its_end_and_the_token_stays_at_home(web, other, token):
    web.token = GOOD
    web.files.update({"/list": b"[1, 2]", "/list2": b"[3]"})
    other.files["/list3"] = b"[4]"
    web.named["/list"] = {"Link": '</list2>; rel="next", </list9>; rel="last"'}
    web.named["/list2"] = {"Link": f'<{other.address}/list3>; rel="next"'}
    assert [*read_pages(f"{web.address}/list", token=token)] == [[1, 2], [3], [4]]
    assert "authorization" not in other.requests()[0].headers


def test_a_listing_that_goes_round_in_circles_ends(web):
    web.files["/list"] = b"[]"
    web.named["/list"] = {"Link": '</list>; rel="next"'}
    with pytest.raises(PlatformError, match="twice"):
        list(read_pages(f"{web.address}/list"))


def test_a_document_is_asked_for_again_where_it_broke(web):
    web.files["/d.json"] = b'{"a": "b"}'
    web.plan(Fault(cut=3), Fault(status=503))
    assert read_json(f"{web.address}/d.json") == {"a": "b"}


def test_a_document_comes_with_its_version_in_one_request(web):
    web.files["/d"] = b"[1]"
    value, version = read_versioned(f"{web.address}/d")
    assert value == [1]
    assert version == HttpFile(f"{web.address}/d").version
    web.journal.forget()
    assert read_versioned(f"{web.address}/d", version=version) == ([1], version)
    assert len(web.requests()) == 1


def test_a_weak_tag_is_the_version_without_its_marks(web):
    web.files["/d"] = b"[]"
    web.named["/d"] = {"ETag": 'W/"7"'}
    assert read_versioned(f"{web.address}/d") == ([], "7")


@pytest.mark.parametrize("tag", ['"8"', ""])
def test_a_document_of_another_version_is_refused(web, tag):
    web.files["/d"] = b"[]"
    web.named["/d"] = {"ETag": tag}
    with pytest.raises(ChangedError) as raised:
        read_versioned(f"{web.address}/d?key=5ecret", version="7")
    assert raised.value.what == f"{web.address}/d has changed since it was listed."
    with pytest.raises(ChangedError, match=r"^tickets://open has changed") as raised:
        read_versioned(f"{web.address}/d", version="7", name="tickets://open")
    assert raised.value.where == "tickets://open"


def test_a_document_has_a_largest_size(web):
    web.files["/d"] = DATA
    with pytest.raises(PlatformError, match="larger than 1 MiB"):
        read_document(f"{web.address}/d", largest=1 << 20)


def test_a_document_that_is_not_json_is_called_so(web):
    web.files["/d"] = b"<html>"
    with pytest.raises(PlatformError, match="does not answer with JSON"):
        read_json(f"{web.address}/d?key=5ecret")


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ("", None),
        ('<?page=2>; rel="next"', "?page=2"),
        ("<a>; rel=next", "a"),
        ('<a>; rel="prev next"', "a"),
        ('<a>; title="next"; rel="prev"', None),
        ('<a,b>; rel="prev", <c,d>; rel="next"', "c,d"),
    ],
)
def test_links_are_understood(header, following):
    assert next_page(header) == following


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "5"}, 5.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"RateLimit": '"api";r=0;t=55'}, 55.0),
        ({"RateLimit": '"api";r=7;t=55'}, None),
    ],
)
def test_waits_are_understood(headers, seconds):
    assert asked_wait(headers) == seconds
