"""Write the schema of every document: ``python -m mlcc_core.cli.documents FOLDER``."""

import sys
from pathlib import Path

from mlcc_core.cli.documents.schema import write_schemas

write_schemas(Path(sys.argv[1]))
