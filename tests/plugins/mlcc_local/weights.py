"""Folders of weights, as small as the formats allow."""

import io
import json
import tarfile
import zipfile
from pathlib import Path


def safetensors(numbers=4):
    header = {"a": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(4 * numbers)


def adapter(folder, base="mlcc-tiny", kind="LORA"):
    folder.mkdir(parents=True)
    shape = {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}
    config = {"peft_type": kind, "base_model_name_or_path": base, **shape}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / "adapter_model.safetensors").write_bytes(safetensors())
    return folder


def model(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "model.safetensors").write_bytes(safetensors())
    (folder / "tokenizer.json").write_text("{}")
    return folder


def tar(path, folder, prefix="", extra=()):
    """An archive of ``folder``, with further members: (TarInfo, content) pairs."""
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(folder.iterdir()):
            archive.add(file, prefix + file.name)
        for info, content in extra:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def zipped(path, folder, extra=()):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
        for info, content in extra:
            archive.writestr(info, content)
    return path


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def names_under(root: Path):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))
