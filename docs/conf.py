"""The documentation site: pages in Markdown, the reference from the docstrings, the examples from `examples/`."""

import inspect
from typing import Any

import holdfast

project = "Holdfast"
author = "Holdfast contributors"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx reads this name
version = release = holdfast.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_templates"]
templates_path = ["_templates"]
suppress_warnings = ["ref.python"]  # a type of a parameter whose name two modules use: the text stays, without a link

myst_heading_anchors = 4


autosummary_generate = True
autodoc_default_options = {"members": True, "member-order": "bysource", "ignore-module-all": True}
autodoc_typehints = "none"  # types stand in the docstrings, with their units and shapes
autodoc_mock_imports = ["torch"]
add_module_names = False
napoleon_google_docstring = False
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "Holdfast"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False, "footer_end": []}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False


def hands_on(_app: Any, what: str, name: str, thing: Any, _options: Any, lines: list[str]) -> None:
    """Say which names a room hands on, each linked to its home."""
    if what == "module":
        names = [getattr(thing, n) for n in getattr(thing, "__all__", ())]
        made = [m for m in names if inspect.isfunction(m) or inspect.isclass(m)]
        homes = [f":py:obj:`~{m.__module__}.{m.__name__}`" for m in made if m.__module__ != name]
        lines += ["", "Hands on " + ", ".join(homes) + "."] if homes else []


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", hands_on)
