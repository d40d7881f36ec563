"""The arguments of a call as they are typed in a shell: `name=value`, `name:=JSON`, `name=@file`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from dynclient.cli.nested import Step, path_of, put
from dynclient.cli.output import ItemError
from dynclient.documents import parse_text
from dynclient.errors import DocumentError
from dynclient.openapi import Schema, is_file
from dynclient.schemas import Lowering
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import Binder, Types, typed

_JSON_BEGINNINGS = ("{", "[")


def read_items(items: Iterable[str], binder: Binder, lowering: Lowering) -> dict[str, JSON]:
    """
    The items as keyword arguments; each value gets the type that the document asks for.

    `name=value` given several times is an array. `name=@path` is the file itself if the document asks for a file, what
    the JSON or YAML in it means if it asks for an object or a list, else its text. `name:=JSON` and `name:=@path` are
    any JSON. `name.member`, `name[0]` and `name[]` are inside the argument `name`, unless one has that very name.

    Raises:
        ItemError: an item has another form, or its file or JSON cannot be read.
    """
    arguments: dict[str, JSON] = {}
    texts: dict[str, list[str]] = {}
    nested: list[tuple[str, str, list[Step], JSON]] = []
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name.rstrip(":"):
            hint = f"; write {item}=VALUE" if _is_known(item, binder) else ""
            raise ItemError(f"{item!r} has no value{hint}" if hint else _no_item(item))
        is_json = name.endswith(":")
        name = name[:-1] if is_json else name
        path = None if _is_known(name, binder) else path_of(name)
        if path is not None and _is_known(path[0], binder):
            inner = _types_at(Types(lowering.schema(binder.schema(path[0])), lowering.resolve), path[1])
            given = _given_json(name, value) if is_json else _nested_value(value, inner)
            nested.append((name, *path, given))
        elif is_json:
            arguments[name] = _given_json(name, value)
        elif value.startswith("@"):
            arguments[name] = _file(value[1:], binder.schema(name), lowering)
        else:
            texts.setdefault(name, []).append(value)
    for name, values in texts.items():
        arguments[name] = typed(values, lowering.schema(binder.schema(name)), lowering.resolve)
    for each in nested:
        put(arguments, *each)
    return arguments


def read_members(items: Iterable[str]) -> dict[str, JSON]:
    """
    The items as members of an object that no document describes: `name=value` is text, `name:=JSON` is any JSON.

    Raises:
        ItemError: an item has another form, or its file or JSON cannot be read.
    """
    members: dict[str, JSON] = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name.rstrip(":"):
            raise ItemError(_no_item(item))
        given: JSON = _given_json(name[:-1], value) if name.endswith(":") else value
        if not name.endswith(":") and value.startswith("@"):
            given = _text(value[1:])
        root, steps = path_of(name.rstrip(":")) or (name.rstrip(":"), [])
        put(members, name.rstrip(":"), root, steps, given)
    return members


def _no_item(item: str) -> str:
    """What to write instead of a word that is no item."""
    if item.startswith("@") or Path(item).is_file():
        return f"{item!r} isn't an argument; a file is given as name=@{item.lstrip('@')}, or as the body: --body @FILE"
    return f"{item!r} isn't an argument; write name=value, name:=JSON or name=@file"


def _is_known(name: str, binder: Binder) -> bool:
    return name in binder.parameters or name in binder.fields or name == binder.body_keyword


def _types_at(types: Types, steps: Iterable[Step]) -> Types:
    for step in steps:
        types = types.member(step) if isinstance(step, str) else types.item(step or 0)
    return types


def _nested_value(text: str, types: Types) -> JSON:
    if text.startswith("@"):
        return _content_for(text[1:], types)
    return typed([text], types.schema, types.resolve)


def _given_json(name: str, text: str) -> JSON:
    if text.startswith("@"):
        return _json(_text(text[1:]), text[1:])
    return _json(text, f"the value of {name}")


def _file(path: str, schema: Schema | None, lowering: Lowering) -> JSON:
    if _is_upload(schema, lowering):
        return Path(path)
    return _content_for(path, Types(lowering.schema(schema), lowering.resolve))


def _content_for(path: str, types: Types) -> JSON:
    """The text in a file; data, if the document asks for an object or a list and not for a text."""
    text, names = _text(path), types.names()
    if not names & {"object", "array"} or "string" in names:
        return text
    return _yaml(text, path) if _is_yaml(path) else _json(text, path)


def _is_yaml(path: str) -> bool:
    return path.lower().endswith((".yaml", ".yml"))


def _yaml(text: str, path: str) -> JSON:
    try:
        return parse_text(text.encode(), path).data
    except DocumentError as error:
        raise ItemError(str(error)) from error


def read_body(text: str | None, *, takes_json: bool = False) -> JSON | Unset:
    """
    The body that `--body` means: JSON, `@file` or `-` for standard input.

    A file that isn't JSON is text if it is UTF-8, else bytes. If the operation takes only JSON, a body that is named or
    begins like JSON must be JSON, and one that is named like YAML is read as that.

    Raises:
        ItemError: the file cannot be read, or what must be JSON isn't.
    """
    if text is None:
        return UNSET
    if text == "-":
        if sys.stdin is None:  # closed by the shell: <&-
            raise ItemError("--body - reads standard input, which is closed")
        return _data(sys.stdin.buffer.read(), "standard input", takes_json)
    if text.startswith("@"):
        return _data(_content(text[1:]), text[1:], takes_json)
    return _json(text, "--body")


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise ItemError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _text(path: str) -> str:
    try:
        return _content(path).decode()
    except UnicodeDecodeError as error:
        raise ItemError(f"cannot read {path} as text: {error}") from error


def _json(text: str, what: str) -> JSON:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ItemError(f"{what} isn't JSON: {error}") from error


def _data(content: bytes, name: str, takes_json: bool) -> JSON:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    if takes_json and _is_yaml(name):
        return _yaml(text, name)
    if takes_json and (name.lower().endswith(".json") or text.lstrip()[:1] in _JSON_BEGINNINGS):
        return _json(text, name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_upload(schema: Schema | None, lowering: Lowering) -> bool:
    return schema is not None and is_file(lowering.document.resolve(schema.contents, schema.pointer)[0])
