"""Words in messages: first lines of errors, counts with nouns, durations, articles, indentation."""

from __future__ import annotations

import re
from collections.abc import Iterable


def first_line(text: object) -> str:
    """Return the first line of a text or of an error's message that is not blank, stripped.

    Args:
        text: a string, or an exception, whose message counts.

    Returns:
        The line; empty where there is none.

    Example:
        ``first_line(ValueError("\\n bad row \\nat 3"))`` is ``"bad row"``.
    """
    return next((line.strip() for line in str(text).splitlines() if line.strip()), "")


def reason_of(error: BaseException) -> str:
    """Return the first line of an error's message, else the name of its type.

    Example:
        ``"bad row"``; ``"KeyError"`` for an error without a message.
    """
    return first_line(error) or type(error).__name__


def one_line(error: BaseException) -> str:
    """Return the type of an error and the first line of its message.

    Example:
        ``"ValueError: bad row"``; ``"ValueError"`` for one without a message.
    """
    message = first_line(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def sentence(text: str) -> str:
    """Return a text as a sentence: with a capital, and a full stop where nothing ends it.

    Example:
        ``"The disk is full."`` for ``"the disk is full"``.
    """
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?", ":", "…")) else f"{whole}."


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return words in a row, with ``last`` before the last of several.

    Example:
        >>> listed(["a", "b", "c"]), listed(["a", "b"], "or"), listed(["a"])
        ('a, b and c', 'a or b', 'a')
    """
    *others, end = words
    return f"{', '.join(others)} {last} {end}" if others else end


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun: ``"1 row"``, ``"1,200 rows"``.

    Args:
        count: how many.
        noun: for one of them.
        nouns: for all other counts; by default ``noun`` with an s.
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article: ``"an array"``, ``"a string"``; ``"null"`` alone.

    The first letter decides, which is right for the words of JSON and of this project.
    """
    if noun == "null":
        return noun
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def indented(text: str, width: int = 3) -> str:
    """Return ``text`` with its further lines under the words of the first, after ``width`` spaces.

    Example:
        ``"ℹ️  Renamed:\\n   a → b"``
    """
    return text.replace("\n", "\n" + " " * width)


SECRET_KEYS = frozenset(
    {"key", "apikey", "accesskey", "secretkey", "token", "accesstoken", "apitoken", "authtoken"}
    | {"password", "passwd", "pwd", "secret", "clientsecret", "signature", "sig"}
)
"""Keys of a URI's query whose values are secret; ``_``, ``-`` and capitals make no difference."""


def is_secret_key(key: str) -> bool:
    """Return whether the value of this key of a URI's query is secret.

    Example:
        >>> is_secret_key("API-Key"), is_secret_key("table")
        (True, False)
    """
    return re.sub("[_-]", "", key).lower() in SECRET_KEYS


def shown_uri(uri: str) -> str:
    """Return a URI as it is displayed, logged and stored: without its secrets.

    An ``http(s)`` address loses user, password, query and fragment: a signed address holds its
    signature there. Other schemes use a query for what a user has to read: they lose the password
    and the keys that are secret by their names (:data:`SECRET_KEYS`).

    Example:
        >>> shown_uri("https://me:pw@data.example.org/train.csv?X-Amz-Signature=4f1c")
        'https://data.example.org/train.csv'
        >>> shown_uri("hf://org/name?config=main")
        'hf://org/name?config=main'
        >>> shown_uri("db://me:pw@host/file.db?table=pairs&api_key=4f1c")
        'db://me@host/file.db?table=pairs'
    """
    return parted_uri(uri)[0]


def parted_uri(uri: str) -> tuple[str, tuple[str, ...]]:
    """Return a URI as it is shown, and the secrets that it loses for that, as they are written.

    Example:
        >>> parted_uri("db://me:pw@host/file.db?table=pairs&api_key=4f1c")
        ('db://me@host/file.db?table=pairs', ('pw', '4f1c'))
    """
    scheme, mark, rest = uri.partition("://")
    if not mark:
        return uri, ()
    web = scheme.lower() in ("http", "https")
    rest, _, fragment = rest.partition("#") if web else (rest, "", "")
    place, asked, query = rest.partition("?")
    host, slash, path = place.partition("/")
    user, at, host = host.rpartition("@")
    name, _, password = user.partition(":")
    pairs, secrets = _parted_query(query) if asked else ([], [])
    found = [password, *((query, fragment) if web else ()), *secrets]
    kept, left = ("", "") if web else (f"{name}{at}", f"?{'&'.join(pairs)}" if pairs else "")
    shown = f"{scheme}{mark}{kept}{host}{slash}{path}{left}"
    return shown, tuple(secret for secret in found if secret)


def _parted_query(query: str) -> tuple[list[str], list[str]]:
    """Return the pairs that may be shown, and the secret values."""
    pairs: list[str] = []
    secrets: list[str] = []
    secret = False
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        if equals:
            secret = is_secret_key(key)
        if not secret:
            pairs.append(pair)
        elif equals:
            secrets.append(value)
        else:
            secrets[-1] += f"&{pair}"  # the end of the value before it, which had an & in it
    return pairs, secrets


def shown_address(address: str) -> str:
    """Return the address of a service as it is displayed, logged and stored: without its secrets.

    As :func:`shown_uri`, but for the fragment, which names a model there and is kept.

    Example:
        >>> shown_address("https://me:pw@judge.example.org/v1?key=4f1c#big-model")
        'https://judge.example.org/v1#big-model'
        >>> shown_address("org/big-model")
        'org/big-model'
    """
    url, mark, model = address.partition("#")
    return f"{shown_uri(url)}{mark}{model.partition('?')[0]}" if "://" in url else address


def join_turns(pairs: Iterable[tuple[str, str]]) -> str:
    """Write a conversation as text.

    Args:
        pairs: role and content of each message.

    Example:
        >>> join_turns([("user", "Q"), ("assistant", "A")])
        'user: Q\\nassistant: A'
    """
    return "\n".join(f"{role}: {content}" for role, content in pairs)


UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""Seconds of each unit of a duration, the longest first."""

DURATION = re.compile("".join(rf"(?:(\d+(?:\.\d+)?){unit})?" for unit in UNITS) + r"\Z")


def duration_seconds(text: str) -> float | None:
    """Return the seconds of a duration; ``None`` for a text that is none.

    Example:
        >>> duration_seconds("1d12h"), duration_seconds("1.5m"), duration_seconds("soon")
        (129600.0, 90.0, None)
    """
    match = DURATION.match(text)
    if not text or match is None:
        return None
    return sum(float(n) * unit for n, unit in zip(match.groups(), UNITS.values(), strict=True) if n)


def duration_text(seconds: float) -> str:
    """Return seconds in words: ``75`` as ``1 min 15 s``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
