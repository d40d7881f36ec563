"""The arguments of a call as they are typed in a shell: `name=value`, `name:=JSON`, `name=@file`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from dynclient.cli.output import ItemError
from dynclient.openapi import Schema, is_file
from dynclient.schemas import Lowering
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import Binder, typed

_JSON_BEGINNINGS = ("{", "[")


def read_items(items: Iterable[str], binder: Binder, lowering: Lowering) -> dict[str, JSON]:
    """
    The items as keyword arguments; each value gets the type that the document asks for.

    `name=value` given several times is an array. `name=@path` is the file itself if the document asks for a file, else
    its text. `name:=JSON` is any JSON.

    Raises:
        ItemError: an item has another form, or its file or JSON cannot be read.
    """
    arguments: dict[str, JSON] = {}
    texts: dict[str, list[str]] = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name.rstrip(":"):
            raise ItemError(f"{item!r} isn't an argument; write name=value, name:=JSON or name=@file")
        if name.endswith(":"):
            arguments[name[:-1]] = _json(value, f"the value of {name[:-1]}")
        elif value.startswith("@"):
            is_upload = _is_upload(binder.schema(name), lowering)
            arguments[name] = Path(value[1:]) if is_upload else _text(value[1:])
        else:
            texts.setdefault(name, []).append(value)
    for name, values in texts.items():
        arguments[name] = typed(values, lowering.schema(binder.schema(name)), lowering.resolve)
    return arguments


def read_body(text: str | None, *, takes_json: bool = False) -> JSON | Unset:
    """
    The body that `--body` means: JSON, `@file` or `-` for standard input.

    A file that isn't JSON is text if it is UTF-8, else bytes. If the operation takes only JSON, a body that is named or
    begins like JSON must be JSON.

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
    if takes_json and (name.lower().endswith(".json") or text.lstrip()[:1] in _JSON_BEGINNINGS):
        return _json(text, name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_upload(schema: Schema | None, lowering: Lowering) -> bool:
    return schema is not None and is_file(lowering.document.resolve(schema.contents, schema.pointer)[0])
