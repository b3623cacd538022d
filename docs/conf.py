"""How Sphinx builds these pages; `make docs` treats every warning as an error."""

from importlib.metadata import version as version_of

project = "negotiate"
author = "the negotiate authors"
copyright = "the negotiate authors, Apache-2.0"
release = version = version_of("negotiate-kit")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
suppress_warnings = ["toc.empty_glob"]  # a folder whose first page is still to come
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"negotiate {release}"
html_copy_source = False
