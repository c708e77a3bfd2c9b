"""The routes of the Hub stand-in and of its CDN: what each request is answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote

from tests.servers.repos import Commit, Repo, Shelf
from tests.servers.wire import Handler
from tests.servers.writes import RefusalError, Writes, store_object

EXPANDED_PAGE = 50
"""Entries in one page of an expanded tree listing; the Hub's limit."""

INVALID_TOKEN = "Invalid credentials in Authorization header"


class CdnHandler(Handler):
    """``/lfs/<sha256>``; a request with a token, or without the signature, is refused."""

    origin = "cdn"
    state: ClassVar[Shelf]

    def answer(self) -> None:
        if self.command == "PUT":
            store_object(self, self.state)
        elif "Authorization" in self.headers:
            self.reply(400, b"Only one auth mechanism allowed")
        elif "Signature=" not in self.url.query:
            self.reply(403, b"Access Denied")
        elif (content := self.state.blob(self.route.removeprefix("/lfs/"))) is None:
            self.reply(404, b"NoSuchKey")
        else:
            self.reply_file(content, {"ETag": f'"{self.route.removeprefix("/lfs/")}"'})


class HubHandler(Writes, Handler):
    """The API and the files; see the Hub's own documentation for the routes."""

    origin = "hub"
    state: ClassVar[Shelf]

    def answer(self) -> None:
        for old, new in self.state.renamed.items():
            if f"/{old}/" in f"{self.url.path}/":
                place = f"{self.url.path}/".replace(f"/{old}/", f"/{new}/", 1).removesuffix("/")
                query = f"?{self.url.query}" if self.url.query else ""
                self.reply(307, b"", {"Location": place + query})
                return
        try:
            self._answer()
        except RefusalError as refusal:
            body = json.dumps({"error": refusal.message}).encode()
            self.reply(refusal.status, body, refusal.headers)

    def _answer(self) -> None:
        user = self._user()
        # Quoted slashes (revisions, paths) belong to their segment: split first, unquote after.
        parts = [unquote(part) for part in self.url.path.strip("/").split("/")]
        match parts:
            case ["api", "whoami-v2"]:
                self._whoami(user)
            case _ if self.command == "POST" and self.answer_write(parts, user):
                pass
            case ["api", "resolve-cache", kinds, org, name, revision, *path] if path:
                repo = self._find(kinds.removesuffix("s"), f"{org}/{name}", user)
                self._content(repo, revision, "/".join(path), user)
            case ["api", ("datasets" | "models") as kinds, org, name, *rest]:
                self._api(self._find(kinds[:-1], f"{org}/{name}", user), rest, user)
            case ["datasets", org, name, "resolve", revision, *path] if path:
                repo = self._find("dataset", f"{org}/{name}", user)
                self._resolve(repo, revision, "/".join(path), user)
            case [org, name, "resolve", revision, *path] if path and org != "api":
                repo = self._find("model", f"{org}/{name}", user)
                self._resolve(repo, revision, "/".join(path), user)
            case _:
                raise RefusalError(404, None, "Sorry, we can't find the page you are looking for.")

    def _user(self) -> str | None:
        """Whose token the request bears; the Hub refuses a bad one even for public content."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme != "Bearer" or token not in self.state.users:
            raise RefusalError(401, None, INVALID_TOKEN)
        return self.state.users[token]

    def _find(self, kind: str, repo_id: str, user: str | None) -> Repo:
        repo = self.state.repos.get((kind, repo_id))
        if repo is None or (repo.private and user not in repo.readers):
            if user is None:
                raise RefusalError(401, "RepoNotFound", "Invalid username or password.")
            raise RefusalError(404, "RepoNotFound", "Repository not found")
        if repo.disabled:
            raise RefusalError(403, None, "Access to this resource is disabled.")
        return repo

    def _commit(self, repo: Repo, revision: str) -> Commit:
        commit = repo.at(revision)
        if commit is None:
            raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def _api(self, repo: Repo, rest: list[str], user: str | None) -> None:
        match rest:
            case []:
                self._info(repo, self._commit(repo, "main"))
            case ["revision", revision]:
                self._info(repo, self._commit(repo, revision))
            case ["tree", revision, *path]:
                self._tree(self._commit(repo, revision), "/".join(path))
            case ["paths-info", revision]:
                self._paths_info(self._commit(repo, revision))
            case ["refs"]:
                self._refs(repo)
            case ["auth-check"]:
                self._gate(repo, user)
                self._json({})
            case _:
                raise RefusalError(404, None, "Sorry, we can't find the page you are looking for.")

    def _json(self, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.reply(200, json.dumps(body).encode(), headers)

    def _query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.url.query).items()}

    def _flag(self, name: str) -> bool:
        return self._query().get(name, "").lower() in ("true", "1")

    def _whoami(self, user: str | None) -> None:
        if user is None:
            raise RefusalError(401, None, "Invalid username or password.")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        role = self.state.roles.get(token, "write")
        orgs = [
            {"type": "org", "name": name, "roleInOrg": "write"}
            for name in sorted(self.state.orgs.get(user, ()))
        ]
        auth = {"type": "access_token", "accessToken": {"displayName": "t", "role": role}}
        self._json({"type": "user", "name": user, "orgs": orgs, "auth": auth})

    def _info(self, repo: Repo, commit: Commit) -> None:
        self._json(repo.info(commit, self._flag("blobs")))

    def _refs(self, repo: Repo) -> None:
        branches = [
            {"name": name, "ref": f"refs/heads/{name}", "targetCommit": sha}
            for name, sha in repo.refs.items()
        ]
        self._json({"branches": branches, "tags": [], "converts": []})

    def _tree(self, commit: Commit, folder: str) -> None:
        prefix = f"{folder}/" if folder else ""
        below = [p for p in (*commit.files, *commit.folders()) if p and p.startswith(prefix)]
        if folder and not below:
            raise RefusalError(404, "EntryNotFound", f"{folder} does not exist on this revision")
        if not self._flag("recursive"):
            below = [path for path in below if "/" not in path.removeprefix(prefix)]
        paths = sorted(below)
        size = EXPANDED_PAGE if self._flag("expand") else self.state.page
        start = int(self._query().get("cursor", "0"))
        headers = {}
        if start + size < len(paths):
            query = f"recursive={self._flag('recursive')}&expand={self._flag('expand')}"
            page = f"{self.state.endpoint}{self.url.path}?{query}&cursor={start + size}"
            headers["Link"] = f'<{page}>; rel="next"'
        self._json([commit.entry(path) for path in paths[start : start + size]], headers)

    def _paths_info(self, commit: Commit) -> None:
        if (self.headers.get("Content-Type") or "").startswith("application/json"):
            asked = json.loads(self.body).get("paths", [])
        else:
            asked = parse_qs(self.body.decode()).get("paths", [])
        known = {*commit.files, *commit.folders()} - {""}
        self._json([commit.entry(path) for path in asked if path in known])

    def _gate(self, repo: Repo, user: str | None) -> None:
        if repo.gated and user not in repo.readers:
            access = f"Access to {repo.kind} {repo.id} is restricted"
            if user is None:
                raise RefusalError(401, "GatedRepo", f"{access}. Please log in.")
            reason = f"{access} and you are not in the authorized list."
            raise RefusalError(403, "GatedRepo", reason)

    def _entry(self, repo: Repo, revision: str, path: str, user: str | None) -> Commit:
        """The commit that holds ``path``, once the user may read the content."""
        self._gate(repo, user)
        commit = self._commit(repo, revision)
        if path not in commit.files:
            raise RefusalError(404, "EntryNotFound", "Entry not found", commit)
        return commit

    def _resolve(self, repo: Repo, revision: str, path: str, user: str | None) -> None:
        """Every file is redirected: a large one to the CDN, a plain one within the Hub."""
        commit = self._entry(repo, revision, path, user)
        blob = commit.files[path]
        if blob.large:
            signature = "Expires=4102444800&Signature=signed"
            status, place = 302, f"{self.state.cdn}/lfs/{blob.sha256}?{signature}"
        else:
            place = f"/api/resolve-cache/{repo.kind}s/{repo.id}/{commit.sha}/{quote(path)}"
            status = 307
        headers = {
            "Location": place,
            "X-Repo-Commit": commit.sha,
            "X-Linked-Size": str(blob.size),
            "X-Linked-ETag": blob.etag,
            "ETag": blob.etag,
            "Accept-Ranges": "bytes",
        }
        self.reply(status, b"", headers)

    def _content(self, repo: Repo, revision: str, path: str, user: str | None) -> None:
        commit = self._entry(repo, revision, path, user)
        blob = commit.files[path]
        self.reply_file(blob.content, {"ETag": blob.etag, "X-Repo-Commit": commit.sha})
