"""The routes of the Hub stand-in that change repositories, as the real client calls them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

from tests.servers.repos import LARGE_SUFFIXES, Commit, Repo, Shelf

if TYPE_CHECKING:
    from tests.servers.wire import Handler

INITIAL = {".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"}
"""The files of a repository that was just made."""

MODEL_ID = re.compile(r"[\w.-]+(/[\w.-]+)?\Z")
"""A base model that the Hub takes in a card; a path is refused."""


class RefusalError(Exception):
    """The Hub says no: status, its code for clients, its sentence for people."""

    def __init__(
        self, status: int, code: str | None, message: str, commit: Commit | None = None
    ) -> None:
        self.status = status
        self.message = message
        self.headers = {"X-Error-Message": message}
        if code is not None:
            self.headers["X-Error-Code"] = code
        if commit is not None:
            self.headers["X-Repo-Commit"] = commit.sha


def store_object(handler: Handler, state: Shelf) -> None:
    """Answer the PUT of a large file: its bytes must have the checksum in the address."""
    digest = handler.route.removeprefix("/lfs/")
    if "Authorization" in handler.headers or "Signature=" not in handler.url.query:
        handler.reply(403, b"Access Denied")
    elif hashlib.sha256(handler.body).hexdigest() != digest:
        handler.reply(400, b"BadDigest")
    else:
        state.objects[digest] = handler.body
        handler.reply(200, b"", {"ETag": f'"{digest[:32]}"'})


class Writes:
    """Requests that write; mixed into the handler of the Hub."""

    state: ClassVar[Shelf]
    body: bytes

    def answer_write(self, parts: list[str], user: str | None) -> bool:
        """Answer a POST that writes; return whether it is one."""
        match parts:
            case ["api", "repos", "create"]:
                self._create(json.loads(self.body), user)
            case ["api", "validate-yaml"]:
                self._validate_card(json.loads(self.body)["content"])
            case ["api", "models", org, name, "preupload", revision]:
                self._preupload(self._writable(f"{org}/{name}", user), revision)
            case ["api", "models", org, name, "commit", revision]:
                self._write(self._writable(f"{org}/{name}", user), revision)
            case [org, name, "info", "lfs", "objects", "batch"]:
                self._batch(self._writable(f"{org}/{name.removesuffix('.git')}", user))
            case [_, _, "info", "lfs", "objects", "verify"]:
                self._verify(json.loads(self.body))
            case _:
                return False
        return True

    def _may_write(self, owner: str, user: str | None) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if user is None:
            raise RefusalError(401, None, "Invalid username or password.")
        mine = {user, *self.state.orgs.get(user, ())}
        if owner not in mine or self.state.roles.get(token) in ("read", "narrow"):
            raise RefusalError(403, None, f"You don't have the rights to write under {owner}")

    def _writable(self, repo_id: str, user: str | None) -> Repo:
        repo = self._find("model", repo_id, user)
        self._may_write(repo_id.partition("/")[0], user)
        return repo

    def _create(self, asked: dict[str, Any], user: str | None) -> None:
        owner = asked.get("organization") or user or ""
        self._may_write(owner, user)
        repo_id = f"{owner}/{asked['name']}"
        if ("model", repo_id) in self.state.repos:
            raise RefusalError(409, None, "You already created this model repo")
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        repo = Repo(repo_id, "model", private, readers={user or ""})
        repo.commit(INITIAL)
        self.state.repos["model", repo_id] = repo
        self._json({"url": f"{self.state.endpoint}/{repo_id}"})

    def _validate_card(self, text: str) -> None:
        import yaml

        header = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else {}
        base = header.get("base_model")
        if base is not None and not MODEL_ID.match(str(base)):
            message = f'"base_model" with value "{base}" is not valid.'
            body = {"errors": [{"message": message}], "warnings": []}
            self.reply(400, json.dumps(body).encode(), {"X-Error-Message": message})
        else:
            self._json({"errors": [], "warnings": []})

    def _preupload(self, repo: Repo, revision: str) -> None:
        commit = self._commit(repo, revision)
        self._json({"files": [_mode(commit, file) for file in json.loads(self.body)["files"]]})

    def _batch(self, repo: Repo) -> None:
        objects = []
        for asked in json.loads(self.body)["objects"]:
            place = f"{self.state.cdn}/lfs/{asked['oid']}?Signature=signed"
            verify = f"{self.state.endpoint}/{repo.id}.git/info/lfs/objects/verify"
            entry: dict[str, Any] = {**asked}
            if asked["oid"] not in self.state.objects:
                entry["actions"] = {"upload": {"href": place}, "verify": {"href": verify}}
            objects.append(entry)
        self._json({"transfer": "basic", "objects": objects})

    def _verify(self, asked: dict[str, Any]) -> None:
        found = self.state.objects.get(asked["oid"])
        if found is None or len(found) != asked["size"]:
            raise RefusalError(404, None, "Object not found")
        self._json({"message": "Uploaded"})

    def _write(self, repo: Repo, revision: str) -> None:
        lines = [json.loads(line) for line in self.body.splitlines() if line.strip()]
        head = self._commit(repo, revision)
        parent = lines[0]["value"].get("parentCommit")
        if parent not in (None, head.sha):
            raise RefusalError(412, None, "A commit has happened since. Please refresh and retry.")
        files = {path: blob.content for path, blob in head.files.items()}
        for line in lines[1:]:
            self._apply(files, line["key"], line["value"])
        sha = repo.commit(files, revision)
        url = f"{self.state.endpoint}/{repo.id}/commit/{sha}"
        self._json({"success": True, "commitOid": sha, "commitUrl": url})

    def _apply(self, files: dict[str, bytes], key: str, value: dict[str, Any]) -> None:
        if key == "deletedFile":
            del files[value["path"]]
        elif key == "lfsFile":
            if value["oid"] not in self.state.objects:
                raise RefusalError(400, None, f"The large file {value['path']} was not uploaded")
            files[value["path"]] = self.state.objects[value["oid"]]
        else:
            files[value["path"]] = base64.b64decode(value["content"])


def _mode(commit: Commit, asked: dict[str, Any]) -> dict[str, Any]:
    """How a file is to be sent, and what is there under its path."""
    path = asked["path"]
    blob = commit.files.get(path)
    return {
        "path": path,
        "uploadMode": "lfs" if path.endswith(LARGE_SUFFIXES) else "regular",
        "shouldIgnore": False,
        "oid": None if blob is None else blob.sha256 if blob.large else blob.oid,
    }
