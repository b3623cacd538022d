"""How Sphinx builds these pages; `make docs` treats every warning as an error."""

import sys
from pathlib import Path

from negotiate import __version__

sys.path.insert(0, str(Path(__file__).parent))  # for registry_pages

project = "negotiate"
author = "the negotiate authors"
copyright = "the negotiate authors, Apache-2.0"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "registry_pages",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # else each field of a dataclass would be there twice


html_theme = "furo"
html_title = f"negotiate {release}"
html_copy_source = False
