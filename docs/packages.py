"""The picture of the packages, drawn from their imports: `python docs/packages.py > packages.svg`."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path
from textwrap import wrap

import dynclient

PACKAGE = Path(dynclient.__file__).parent
WIDTH, HEIGHT, GAP = 190, 84, 40
_ROOT = "client"  # stands for the modules of the top level that make a client


def _imports(package: Path) -> set[str]:
    """The packages that one package imports, without imports that only type checkers see."""
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dynclient."):
                found.add((node.module or "").split(".")[1])
    return found


def imports() -> dict[str, set[str]]:
    """Each package with the packages that it imports."""
    packages = {path.parent.name: path.parent for path in PACKAGE.glob("*/__init__.py")}
    graph = {name: (_imports(path) & set(packages)) - {name} for name, path in packages.items()}
    for path in PACKAGE.glob("*client.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dynclient."):
                graph.setdefault(_ROOT, set()).add((node.module or "").split(".")[1])
    graph[_ROOT] &= set(packages)
    if "cli" in graph:
        graph["cli"].add(_ROOT)
    return graph


def _reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same without the imports that another one implies."""
    below: dict[str, set[str]] = {}
    for name in TopologicalSorter(graph).static_order():
        below[name] = set(graph[name]).union(*(below[each] for each in graph[name]))
    return {
        name: {each for each in graph[name] if not any(each in below[other] for other in graph[name] - {each})}
        for name in graph
    }


def _says(name: str) -> str:
    """The first sentence of a package's docstring."""
    path = PACKAGE / f"{name}.py" if name == _ROOT else PACKAGE / name / "__init__.py"
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return text.split("\n\n")[0].replace("\n", " ").split(": ")[0].rstrip(".")


def picture() -> str:
    """Return the SVG: who is above imports who is below; lines that others imply are left out."""
    graph = imports()
    level: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        level[name] = 1 + max((level[each] for each in graph[name]), default=-1)
    rows = [[name for name in sorted(level) if level[name] == number] for number in range(max(level.values()) + 1)]
    most = max(map(len, rows))
    whole = most * (WIDTH + GAP) - GAP
    place = {}
    for number, row in enumerate(rows):
        left = (whole - (len(row) * (WIDTH + GAP) - GAP)) / 2
        for column, name in enumerate(row):
            place[name] = (left + column * (WIDTH + GAP), (len(rows) - 1 - number) * (HEIGHT + GAP))
    height = len(rows) * (HEIGHT + GAP) - GAP
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {whole + 4} {height + 4}" role="img" '
            'aria-label="The packages of dynclient; each imports from those below it">'
        )
    ]
    for name, targets in sorted(_reduced(graph).items()):
        x, y = place[name]
        for target in sorted(targets):
            right, down = place[target]
            start, end = x + WIDTH / 2, right + WIDTH / 2
            bend = (y + HEIGHT + down) / 2
            parts.append(f'<path class="edge" d="M{start} {y + HEIGHT} C{start} {bend} {end} {bend} {end} {down}"/>')
    for name, (x, y) in place.items():
        lines = wrap(_says(name), 32, max_lines=3, placeholder=" …")
        text = "".join(
            f'<text class="what" x="{x + WIDTH / 2}" y="{y + 40 + 15 * number}">{escape(line)}</text>'
            for number, line in enumerate(lines)
        )
        parts.append(
            f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
            f'<text class="name" x="{x + WIDTH / 2}" y="{y + 22}">{name}</text>{text}</g>'
        )
    return "\n".join([*parts, "</svg>"])


if __name__ == "__main__":
    print(picture())
