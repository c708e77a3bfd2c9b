"""Connections that are kept: one pool for each proxy, in each process."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from urllib3 import PoolManager


def pool_for(url: str) -> PoolManager:
    """Return the pool that reaches ``url``, through the proxy that the environment names for it."""
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if proxy and proxy_bypass(parts.netloc):
        proxy = ""
    return _pool(proxy)


@lru_cache(maxsize=8)
def _pool(proxy: str) -> PoolManager:
    import urllib3

    certificates = _certificates()
    if not proxy:
        return urllib3.PoolManager(maxsize=8, ca_certs=certificates)
    address = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(address)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    headers = urllib3.make_headers(proxy_basic_auth=login) if parts.username else {}
    return urllib3.ProxyManager(address, maxsize=8, ca_certs=certificates, proxy_headers=headers)


def _certificates() -> str | None:
    """Return certifi's file where OpenSSL has no certificates of its own; else ``None``."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return None
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()


# A child of a fork must not read from its parent's sockets.
os.register_at_fork(after_in_child=_pool.cache_clear)
