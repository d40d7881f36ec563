"""
A Sphinx extension: the tables of options, codes and rules, and the picture of the packages, made from the code.

    .. dynclient-table:: options
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from packages import picture
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dynclient.calls.option_docs import default_of
from dynclient.calls.options import CALL_OPTIONS, CLIENT_OPTIONS, Option
from dynclient.codes import CODES
from dynclient.credentials.well_known import WELL_KNOWN
from dynclient.rules import ANSWER_RULES, RULES, Rule


def _table(widths: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a list-table."""
    yield from (".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "")
    for row in (head, *rows):
        for number, cell in enumerate(row):
            yield f"     - {cell}" if number else f"   * - {cell}"
    yield ""


def _plain(text: str) -> str:
    """Text as reStructuredText that shows it: names in `backticks` are code, and asterisks mean themselves."""
    return re.sub(r"(``?[^`]*``?)|\*", lambda found: found[1] or r"\*", text)


def _code(value: object) -> str:
    return f"``{value}``" if str(value) else ""


def _options(options: dict[str, Option]) -> Iterator[str]:
    rows = ((_code(name), _code(repr(default_of(name))), _plain(option.text)) for name, option in options.items())
    return _table("22 18 60", ("option", "default", "what it does"), rows)


def _codes() -> Iterator[str]:
    for name, code in CODES.items():
        yield from (f".. _code-{name}:", "", f"``{name}``", f"    {_plain(code.meaning)} {_plain(code.mend)}", "")
        for title, example in (("Wrong", code.wrong), ("Right", code.right)):
            if example:
                yield from (f"    {title}: ``{example.strip()}``", "")


def _rules(rules: dict[str, Rule]) -> Iterator[str]:
    rows = (
        (_code(name), _plain(rule.wrong) + ("" if rule.is_fault else " *A convention.*"), _plain(rule.done))
        for name, rule in rules.items()
    )
    return _table("24 46 30", ("rule", "what is wrong", "what is done"), rows)


def _variables() -> Iterator[str]:
    rows = (
        (_code(origin), ", then ".join(map(_code, vendor.variables)), " or ".join(map(_scheme, vendor.kinds)))
        for origin, vendor in WELL_KNOWN.items()
    )
    return _table("36 40 24", ("calls to", "variable", "for a scheme of"), rows)


def _scheme(kind: str) -> str:
    return {"bearer": "bearer, ``oauth2``", "basic": "basic, as the user"}.get(kind) or f"the header ``{kind}``"


class Table(SphinxDirective):
    """One of the tables, by its name."""

    required_arguments = 1
    tables: ClassVar[dict[str, Any]] = {
        "options": lambda: _options(CALL_OPTIONS),
        "client-options": lambda: _options(
            {name: option for name, option in CLIENT_OPTIONS.items() if name not in CALL_OPTIONS}
        ),
        "codes": _codes,
        "rules": lambda: _rules(dict(RULES)),
        "variables": _variables,
        "answer-rules": lambda: _rules(dict(ANSWER_RULES)),
    }

    def run(self) -> list[nodes.Node]:
        lines = list(self.tables[self.arguments[0]]())
        parent = nodes.container()
        self.state.nested_parse(StringList(lines, self.arguments[0]), self.content_offset, parent)
        return parent.children


class Picture(SphinxDirective):
    """The packages and who imports whom."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", f'<figure class="packages">{picture()}</figure>', format="html")]


def _docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings show secrets as ***, patterns such as create*, and code as indented blocks."""
    before = "."
    text: list[str] = []
    for line in map(_plain, lines):
        if line.startswith("    ") and text and not text[-1] and not before.startswith((" ", ":", "..", "*")):
            text += [".. code-block:: python", ""]
        text.append(line)
        before = line or before
    lines[:] = text


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _docstring, priority=900)  # napoleon comes first, at 500
    app.add_directive("dynclient-table", Table)
    app.add_directive("dynclient-packages", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
