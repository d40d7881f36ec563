"""
Swagger 2.0 as it is read here, against the OpenAPI 3.0 that the converter swagger2openapi makes of it; run by hand.

    npm install --prefix FOLDER swagger2openapi
    python tests/wire/differential/swagger.py FOLDER DOCUMENT...

What both say of every operation is compared: parameters with style, explode, required and schema; the body's media
types and fields; the answers' media types; servers; security. Each difference is printed with the reason that explains
it, and counted; the exit status is 1 where there is one without a reason.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.openapi.directory import Directory
from dynclient.openapi.model import Operation, Parameter, Schema
from dynclient.openapi.security import read_security_schemes
from dynclient.types import JSON

CONVERTER = """
const input = JSON.parse(require("fs").readFileSync(0));
const options = {patch: true, warnOnly: true, resolveInternal: false};
require("swagger2openapi").convertObj(input, options, (error, done) => {
    if (error) throw error;
    process.stdout.write(JSON.stringify(done.openapi));
});
"""

# Keywords of a parameter that are none of a schema, and what only tells.
_BESIDE = frozenset({"name", "in", "required", "collectionFormat", "allowEmptyValue", "description", "schema"})
_TOLD = frozenset({"description", "example", "examples", "externalDocs", "xml", "title"})


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that is said differently of an operation, or of the document where `operation` is ""."""

    operation: str
    what: str
    ours: object
    theirs: object
    published: Mapping[str, JSON]

    @property
    def reason(self) -> str:
        return next((reason for reason, fits in REASONS.items() if fits(self)), "")


def converted(folder: Path, document: Document) -> Document:
    """What the converter makes of a document."""
    answer = subprocess.run(
        ["node", "-e", CONVERTER],
        cwd=folder,
        input=json.dumps(document.contents).encode(),
        capture_output=True,
        check=True,
    )
    return Document(json.loads(answer.stdout), document.name)


def differences(ours: Document, theirs: Document) -> Iterator[Difference]:
    """Everything that both say differently."""
    yield from _compared("", _of_document(ours), _of_document(theirs), ours.contents)
    mine, other = Directory(ours), Directory(theirs)
    yield from _compared("", {"operations": list(mine)}, {"operations": list(other)}, ours.contents)
    for name in mine:
        if name in other:
            node = ours.contents["paths"][mine[name].path][mine[name].method.lower()]
            yield from _compared(name, _of_operation(ours, mine[name]), _of_operation(theirs, other[name]), node)


def _compared(
    name: str, ours: Mapping[str, object], theirs: Mapping[str, object], node: Mapping[str, JSON]
) -> Iterator[Difference]:
    for key in dict.fromkeys([*ours, *theirs]):
        if ours.get(key) != theirs.get(key):
            yield Difference(name, key, ours.get(key), theirs.get(key), node)


def _of_document(document: Document) -> dict[str, object]:
    schemes = read_security_schemes(document)
    return {f"scheme {name}": dataclasses.replace(each, description="") for name, each in schemes.items()}


def _of_operation(document: Document, operation: Operation) -> dict[str, object]:
    said: dict[str, object] = {
        f"{each.location} parameter {each.name}": _of_parameter(document, each) for each in operation.parameters
    }
    if operation.body is not None:
        said["body required"] = operation.body.required
        said["body media types"] = [media_type.name for media_type in operation.body.content]
        said["body fields"] = {
            each.name: (each.required, _canonical(document, each.schema)) for each in operation.body.fields
        }
        said["form styles"] = {
            name: (how.style or "form", how.explode if how.explode is not None else how.style in (None, "form"))
            for name, how in operation.body.content[0].encoding.items()
            if how.style is not None or how.explode is not None
        }
    for answer in operation.responses:
        said[f"answer {answer.status}"] = [media_type.name for media_type in answer.content]
    said["servers"] = [server.url.rstrip("/") for server in operation.servers]
    said["security"] = operation.security
    return said


def _of_parameter(document: Document, parameter: Parameter) -> object:
    schema = _canonical(document, parameter.schema)
    is_array = isinstance(schema, dict) and schema.get("type") == "array"
    style = (parameter.style, parameter.explode and parameter.location == "query") if is_array else ()
    return style, parameter.required, schema


def _canonical(document: Document, schema: Schema | None) -> JSON:
    """A schema in the words of OpenAPI 3.0, without what only tells."""
    return _plain(document.resolve(schema.contents, schema.pointer)[0], depth=0) if schema else None


def _plain(node: JSON, depth: int) -> JSON:
    if isinstance(node, list):
        return [_plain(each, depth + 1) for each in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(node.get("$ref"), str):  # what stands beside a reference has no meaning
        return {"$ref": node["$ref"].replace("#/definitions/", "#/components/schemas/")}
    plain: dict[str, JSON] = {}
    for key, value in node.items():
        is_keyword = not (key in _TOLD or key.startswith("x-") or (depth == 0 and key in _BESIDE))
        if key == "properties" and isinstance(value, Mapping):
            plain[key] = {name: _plain(each, depth + 1) for name, each in value.items()}
        elif key == "required" and isinstance(value, list):
            plain[key] = value
        elif is_keyword and key not in ("collectionFormat", "nullable"):
            plain[key] = _plain(value, depth + 1)
    if node.get("nullable") is True or node.get("x-nullable") is True:
        plain["nullable"] = True
    if plain.get("type") == "file":
        plain |= {"type": "string", "format": "binary"}
    if isinstance(plain.get("discriminator"), str):
        plain["discriminator"] = {"propertyName": plain["discriminator"]}
    return plain


def _is_default_server(difference: Difference) -> bool:
    return difference.what == "servers" and difference.ours == [""] and not difference.theirs


def _is_better_scheme(difference: Difference) -> bool:
    return difference.what == "servers" and difference.ours == sorted(_urls(difference.theirs), reverse=True)


def _urls(value: object) -> list[str]:
    return value if isinstance(value, list) else []


def _is_shared_answer(difference: Difference) -> bool:
    nodes = difference.published.get("responses", {})
    return difference.what.startswith("answer ") and "$ref" in nodes.get(difference.what.removeprefix("answer "), {})


def _is_form(difference: Difference) -> bool:
    return any(node.get("in") == "formData" for node in difference.published.get("parameters", ()))


REASONS: dict[str, Callable[[Difference], bool]] = {
    "without host and basePath the server is / here, and not said there": _is_default_server,
    "https comes first here, as listed there": _is_better_scheme,
    "a shared answer has the media types of the operation here, those of the document there": _is_shared_answer,
    "a form with a required field is required here, never there": lambda difference: (
        difference.what == "body required" and difference.ours is True and _is_form(difference)
    ),
    "collectionFormat tsv has no style of OpenAPI 3": lambda difference: "tabDelimited" in repr(difference.ours),
}


def main() -> int:
    folder, counts, unexplained = Path(sys.argv[1]), collections.Counter[str](), 0
    for path in sys.argv[2:]:
        ours = parse(load(path))
        found = list(differences(ours, converted(folder, ours)))
        print(f"{path}: {len(Directory(ours))} operations, {len(found)} differences")
        for difference in found:
            counts[difference.reason] += 1
            if not difference.reason:
                unexplained += 1
                print(f"  {difference.operation} {difference.what}: {difference.ours!r} != {difference.theirs!r}"[:400])
    for reason, count in counts.most_common():
        print(f"{count:6} {reason or 'without a reason'}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
