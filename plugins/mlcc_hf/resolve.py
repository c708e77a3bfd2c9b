"""Configs, splits and their files, by the rules and the code of the ``datasets`` library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mlcc_core import MlccError
from mlcc_core.helpers import FORMAT_BY_SUFFIX, USUAL_SUFFIXES, data_suffix

SUFFIX_ORDER = (
    *USUAL_SUFFIXES,
    *sorted(set(FORMAT_BY_SUFFIX) - set(USUAL_SUFFIXES), reverse=True),
)
"""Order of formats where a split has equally many files of several: the library's own
(``datasets.load.infer_module_for_data_files_list``)."""


@dataclass(frozen=True, slots=True)
class Split:
    """One split's files.

    Attributes:
        files: of the split's main format, in the order in which they are read.
        left_out: files that its patterns mean too, of other formats.
    """

    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configs:
    """The configs of a repository.

    Attributes:
        parts: each config's entry in the README's header, without its name; empty where the
            header has none.
        default: the one that is meant when none is named.
    """

    parts: Mapping[str, Mapping[str, Any]]
    default: str | None


def configs_of(card: Mapping[str, Any], label: str) -> Configs:
    """Read the configs in the README's header (or ``.huggingface.yaml``).

    Raises:
        MlccError: it breaks the Hub's rules.
    """
    from datasets.utils.metadata import MetadataConfigs

    try:
        entries = [
            {key: value for key, value in entry.items() if key != "features"}
            for entry in card.get("configs") or ()
        ]
        configs = MetadataConfigs.from_dataset_card_data({"configs": entries})
        default = configs.get_default_config_name()
    except (ValueError, TypeError, AttributeError) as error:
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
        raise MlccError(
            f"The README of {label} has a configs header that cannot be understood: {reason}",
            where="--dataset",
            hint=f"choose the files yourself: --dataset 'hf://{label}?file=*train*'",
        ) from None
    return Configs({str(name): part for name, part in configs.items()}, default)


def splits_of(
    part: Mapping[str, Any], names: Sequence[str], label: str, folder: str = ""
) -> dict[str, Split]:
    """The splits of one config (or of a folder), each with its files.

    Args:
        part: the config's entry; an empty one means: guess from the names.
        names: all files of the repository.
        label: the dataset, for errors.
        folder: look only below this folder.

    Returns:
        Splits in their order; a split whose patterns match nothing is there, without files.

    Raises:
        MlccError: patterns that lead out of the repository, or that the library refuses.
    """
    base = "/".join(piece for piece in (folder, str(part.get("data_dir") or "")) if piece)
    _check_inside((base,), label)
    resolver = _Resolver(names, base.strip("/"))
    try:
        patterns = resolver.patterns(part.get("data_files"))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        raise MlccError(
            f"The splits of {label} cannot be told from its file names: {error}",
            where="--dataset",
            hint=f"choose the files yourself: --dataset 'hf://{label}?file=*train*'",
        ) from None
    _check_inside((p for several in patterns.values() for p in several), label)
    return {split: _one_format(resolver.files(several)) for split, several in patterns.items()}


def _check_inside(patterns: Iterable[str], label: str) -> None:
    for pattern in patterns:
        if urlsplit(pattern).scheme or "::" in pattern or pattern.startswith("/"):
            raise MlccError(
                f"The README of {label} points to {pattern!r}, outside of its own files.",
                where="--dataset",
                hint=f"choose the files yourself: --dataset 'hf://{label}?file=*train*'",
            )


class _Resolver:
    """The library's pattern rules on a list of names."""

    def __init__(self, names: Sequence[str], folder: str) -> None:
        from datasets import DownloadConfig

        from mlcc_hf.listing_fs import PROTOCOL, ROOT, register

        register()
        self._root = f"{PROTOCOL}://{ROOT}/"
        self._base = f"{self._root}{folder}".rstrip("/")
        self._download = DownloadConfig(storage_options={PROTOCOL: {"names": tuple(names)}})

    def patterns(self, declared: Any) -> dict[str, list[str]]:
        from datasets.data_files import get_data_patterns, sanitize_patterns

        found = (
            get_data_patterns(self._base, download_config=self._download)
            if declared is None
            else sanitize_patterns(declared)
        )
        return {
            str(split): [str(pattern) for pattern in several] for split, several in found.items()
        }

    def files(self, patterns: Iterable[str]) -> list[str]:
        from datasets.data_files import resolve_pattern

        found: dict[str, None] = {}
        for pattern in patterns:
            try:
                paths = resolve_pattern(pattern, self._base, download_config=self._download)
            except FileNotFoundError:
                continue
            found.update(dict.fromkeys(path.removeprefix(self._root) for path in paths))
        return list(found)


def _one_format(files: Sequence[str]) -> Split:
    """Keep the commonest format: repositories publish the same rows in several."""
    suffixes = Counter(data_suffix(name) for name in files)
    known = [suffix for suffix in suffixes if suffix]
    if not known:
        return Split((), tuple(files))
    main = min(known, key=lambda suffix: (-suffixes[suffix], SUFFIX_ORDER.index(suffix)))
    family = {s for s in known if FORMAT_BY_SUFFIX[s].shares_family(FORMAT_BY_SUFFIX[main])}
    kept = tuple(name for name in files if data_suffix(name) in family)
    return Split(kept, tuple(name for name in files if name not in kept))
