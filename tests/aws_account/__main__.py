"""``python -m tests.aws_account``: an account for a shell, until the input ends.

Each line of the input is Python, with ``aws`` and ``courses`` at hand.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from code import InteractiveInterpreter
from pathlib import Path

from tests.aws_account.aws import Aws
from tests.aws_account.fixtures import DEFAULTS
from tests.aws_account.training import courses

with Aws() as aws, tempfile.TemporaryDirectory() as folder:
    defaults = Path(folder) / "sagemaker-defaults.yaml"
    defaults.write_text(DEFAULTS)
    variables = {**aws.environment, "SAGEMAKER_USER_CONFIG_OVERRIDE": str(defaults)}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}", flush=True)
    print(f"# role {aws.role}", flush=True)
    interpreter = InteractiveInterpreter({"aws": aws, "courses": courses})
    for line in sys.stdin:
        interpreter.runsource(line)
        sys.stdout.flush()
