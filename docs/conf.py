"""The configuration of Sphinx: it makes a site of the pages of this folder.

python -m sphinx -W --keep-going -n -b html docs OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "docs" / "_ext"), str(ROOT), str(ROOT / "libs"), str(ROOT / "plugins")]

project = "mlcc"
author = "The mlcc authors"
copyright = author  # noqa: A001 the name that Sphinx reads
extensions = ["myst_parser", "mlcc_site"]
exclude_patterns = ["_ext", "_static", "api.md", "schemas", "screens"]

# Pages are read on GitHub too: its anchors, and as few extensions of Markdown as there can be.
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]

# Files of the repository that the site has as a page of its own, or as they are.
mlcc_wrapped_pages = {
    "CHANGELOG.md": "reference/changes",
    "README.md": "index",
    "docs/api.md": "reference/classes/index",
}
mlcc_copied_folders = ["schemas", "screens"]

# Nothing is fetched: no inventory of another site, no font, no script.
html_theme = "furo"
html_title = "mlcc"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["copy.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_logo": "logo-light.svg",
    "dark_logo": "logo-dark.svg",
    "sidebar_hide_name": True,
    "light_css_variables": {
        "color-brand-primary": "#c2410c",
        "color-brand-content": "#b93c0a",
        "color-brand-visited": "#b93c0a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#fb923c",
        "color-brand-content": "#fb923c",
        "color-brand-visited": "#fb923c",
    },
}
html_favicon = "_static/mark.svg"
