"""How Sphinx makes the site: `python -m sphinx -W --keep-going docs build/site`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from dynclient.version import __version__

project = "dynclient"
author = "the dynclient developers"
copyright = author  # noqa: A001  # the name is Sphinx's
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_nb",
    "sphinx_click",
    "sphinx_copybutton",
    "tables",  # docs/tables.py: pages that are made from the code
]
exclude_patterns = ["build"]
nb_execution_mode = "off"  # what the cells give stands in the notebook; tests/test_notebook.py runs them
html_theme = "furo"
html_title = "dynclient"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5ad1a4", "color-brand-content": "#5ad1a4"},
}

default_role = "code"  # in docstrings, `name` is code
nitpicky = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
smartquotes_action = "qe"  # two hyphens begin an option, and stay
