"""The core knows no plugin by name: not in code, not in messages, only in examples."""

import ast
import io
import re
import tokenize
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = re.compile(
    r"(?<!\w)(?:sft|dpo|rlaif|rlvr|ray|sagemaker|s3|hf|exact_match|mlflow|wandb|trackio|tensorboard)"
    r"(?!\w)",
    re.IGNORECASE,
)
EXAMPLE = re.compile(r"^\s*(?:\$ )?(?:mlcc|\./do/\w+) ")


def docstring_lines(source):
    """Lines of strings that stand alone: docstrings of modules, classes, functions, values."""
    lines = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines |= set(range(node.lineno, node.end_lineno + 1))
    return lines


def mentions(source):
    """Line numbers where code, comment or text names a built-in plugin."""
    documented = docstring_lines(source)
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            for number in range(token.start[0], token.end[0] + 1):
                text = token.string if token.start[0] == token.end[0] else lines[number - 1]
                if number in documented or EXAMPLE.match(text):
                    continue
                if NAMES.search(text):
                    yield number


def test_the_core_names_no_built_in_plugin():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "mlcc_core").rglob("*.py"))
        for line in mentions(path.read_text())
    ]
    assert found == []


def test_the_rule_itself_finds_what_it_is_for():
    source = '"""sft is fine here."""\nif technique == "sft":\n    hf = 1  # about S3\n'
    assert sorted(set(mentions(source))) == [2, 3]
    assert list(mentions('HELP = """\n  mlcc tune --technique sft\n"""\n')) == []


def test_the_rule_knows_every_built_in_but_those_named_by_a_common_word():
    entry_points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    unknown = {name for name in entry_points["mlcc"] if not NAMES.fullmatch(name)}
    assert unknown <= {"file", "local", "metrics", "trackers"}
