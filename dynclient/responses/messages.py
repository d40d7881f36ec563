"""
The server's own message about what went wrong, wherever in its answer it is.

Errors have no common form. The tables below list the names under which published documents and common frameworks put a
message, in JSON, XML or a form. Case, `-` and `_` do not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from dynclient.credentials import Mask
from dynclient.support import dotted
from dynclient.types import JSON

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 300
"""Characters of the server's message that an error repeats."""

_LONGEST_TITLE = 80  # characters of the title of a page that came instead of data

# The first name of each line that has a text is taken: the error's name, what happened, and the details.
_TEXTS = (
    ("error", "title", "faultcode"),
    (
        "message", "errormessage", "errormsg", "errordescription", "defaultmessage", "usermessage", "msg",
        "faultstring", "description", "reason", "exception", "issue", "text", "err", "value",
    ),
    ("detail", "details"),
)  # fmt: skip
# Names whose text, object or list holds the message, or more messages.
_INSIDE = (
    "error", "errors", "message", "messages", "reason", "detail", "details", "fault", "envelope", "body", "problem",
    "problems", "status", "nonfielderrors", "invalidparams", "invalidfields", "fieldviolations", "violations",
    "validationerrors", "issues", "causes", "contextinfo",
)  # fmt: skip
_CODES = ("code", "errorcode", "errortype", "type")  # if there is no other message
# What an item in a list of errors is about.
_PLACES = (
    "loc", "path", "field", "fieldname", "property", "propertyname", "attribute", "pointer", "parameter", "param",
    "location", "name",
)  # fmt: skip

_SAYS_NOTHING = frozenset({"code", "error", "http", "page", "status"})
_HTML = re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?<(?:!doctype html|html)\b", re.IGNORECASE)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_HTML_TEXT = re.compile(r"<(?:title|h1|pre)\b[^<>]*>([^<]+)", re.IGNORECASE)
_TAG = re.compile(r"<[a-z!/][^<>]*>", re.IGNORECASE)

_LARGEST = 1 << 16  # characters of a text that are searched
_MOST_SHOWN = 3
_MOST_READ = 50  # members of an object, items of a list, messages
_MOST_LOOKS = 1000  # values in all
_DEEP = 8


@dataclass(frozen=True, slots=True)
class Said:
    """The server's message; `is_page` says that it is the title of a page for people."""

    text: str = ""
    is_page: bool = False


def said(data: JSON, content_type: str = "", known: str = "") -> Said:
    """
    Return the server's message in the data of an answer, else all of it as text; it may still hold secrets.

    Messages that only repeat words of `known`, the status and its reason, are left out.

    >>> said({"error": "NotFoundError", "message": "No thing 'a'"}).text
    "NotFoundError: No thing 'a'"
    >>> said({"detail": [{"loc": ["body", "age"], "msg": "Field required"}]}).text
    'body.age: Field required'
    >>> said("<html><title>502 Bad Gateway</title>", known="502 Bad Gateway")
    Said(text='', is_page=True)
    """
    value = _parsed(data, content_type)
    if isinstance(value, Said):
        import html

        texts = (html.unescape(found) for found in _HTML_TEXT.findall(value.text))
        return Said(next((text for text in texts if _says_more(text, known)), ""), True)
    found = list(islice(_Reader(known).messages(value), _MOST_READ))
    if found:
        told = list(filter(None, dict.fromkeys(text for text in found if text == found[0] or text not in found[0])))
        number = "" if len(found) == _MOST_READ else f"{len(told) - _MOST_SHOWN} "
        more = [f"and {number}more"] if len(told) > _MOST_SHOWN + 1 else []
        shown = told[:_MOST_SHOWN] if more else told
        return Said("; ".join([*(text.rstrip(".") for text in shown[:-1]), *shown[-1:], *more]))
    return Said(json.dumps(Mask().masked(_beginning(value)), ensure_ascii=False, default=repr) if value else "")


def page_title(data: JSON, content_type: str, mask: Callable[[str], str]) -> str | None:
    """Return the title of a page for people as it may be shown, "" for one without; None for any other content."""
    found = said(data, content_type)
    if not found.is_page:
        return None
    title = visible(mask(found.text))
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 3]}..."


def visible(text: str) -> str:
    r"""
    Return a foreign text as it may appear in a message of ours: short, and without terminal controls.

    >>> visible("a\n b\x1b[31m")
    'a b\\x1b[31m'
    """
    line = " ".join(text.lstrip()[: 8 * LONGEST].split())
    line = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def _parsed(data: JSON, content_type: str) -> JSON | Said:
    """JSON, XML or a form as data, whatever its Content-Type; other text unchanged; an HTML page as `Said`."""
    if isinstance(data, bytes):
        data = _text(data)
    if not isinstance(data, str):
        return data
    text = data.strip()
    if text[:1] in ("{", "[", '"') and len(text) <= _LARGEST:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if _HTML.match(text) or (content_type in _HTML_TYPES and _TAG.search(text[:_LARGEST])):
        return Said(text[:_LARGEST], True)
    if text[:1] == "<":
        import html

        return (_xml(text) if len(text) <= _LARGEST else None) or html.unescape(text)
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text[:_LARGEST])) or text
    return text


def _text(content: bytes) -> str:
    """Bytes of unknown kind as text; "" if they aren't text."""
    try:
        text = content[: 4 * _LARGEST].decode()
    except UnicodeDecodeError:
        return ""
    return text if all(each.isprintable() or each.isspace() for each in text) else ""


def _xml(text: str) -> JSON:
    """The elements of an XML document as an object; None if it cannot be read, or may hold entities."""
    from xml.etree import ElementTree

    if "<!doctype" in text.lower():
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  # without a document type there are no entities
    except (ElementTree.ParseError, ValueError):
        return None
    members = _members(root, _DEEP)
    return members if isinstance(members, dict) else {_local(root.tag): members}


def _members(element: Element, depth: int) -> JSON:
    if not len(element) or not depth:
        return (element.text or "").strip() or {_local(name): text for name, text in element.attrib.items()}
    found: dict[str, list[JSON]] = {}
    for child in element:
        found.setdefault(_local(child.tag), []).append(_members(child, depth - 1))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _local(name: JSON) -> str:
    return str(name).rpartition("}")[2]


class _Reader:
    """Finds the messages in one answer, and searches only a bounded part of it."""

    def __init__(self, known: str) -> None:
        self._known = known
        self._looks = _MOST_LOOKS

    def messages(
        self, value: JSON, place: str = "", *, is_item: bool = False, is_inside: bool = False, depth: int = _DEEP
    ) -> Iterator[str]:
        """The messages in a value, each with its place; "" for one that only repeats the status."""
        self._looks -= 1
        if self._looks < 0 or depth < 0:
            return
        if isinstance(value, str) and value.strip():
            yield _placed(place, value.strip() if self._says_more(value) else "")
        elif isinstance(value, list):
            for item in value[:_MOST_READ]:
                yield from self.messages(item, place, is_item=True, is_inside=is_inside, depth=depth - 1)
        elif isinstance(value, Mapping):
            members = {
                re.sub("[-_]", "", str(name)).lower(): member for name, member in islice(value.items(), _MOST_READ)
            }
            yield from self._of_object(
                value, members, _joined(place, _place(members) if is_item else ""), is_inside, depth
            )

    def _of_object(
        self, value: Mapping[str, JSON], members: Mapping[str, JSON], place: str, is_inside: bool, depth: int
    ) -> Iterator[str]:
        texts = [text for names in _TEXTS for text in _first_text(members, names)]
        if texts:
            *names, last = dict.fromkeys(filter(self._says_more, texts)) or [""]
            yield _placed(place, ": ".join([*(name.rstrip(".") for name in names), last]))
        inner = (members[name] for name in _INSIDE if isinstance(members.get(name), (dict, list)))
        found = [text for each in inner for text in self.messages(each, place, is_inside=True, depth=depth - 1)]
        yield from found
        if not texts and not found:
            codes = (_placed(place, text) for text in _first_text(members, _CODES) if text != "about:blank")
            yield from list(codes) or self._fields(value, place, is_inside, depth)

    def _fields(self, value: Mapping[str, JSON], place: str, is_inside: bool, depth: int) -> list[str]:
        """The messages in a mapping of fields to what is wrong with them."""
        if not (is_inside or all(map(_is_list_of_texts, value.values()))):
            return []
        return [
            text
            for name, member in islice(value.items(), _MOST_READ)
            for text in self.messages(member, _joined(place, str(name)), is_inside=True, depth=depth - 1)
        ]

    def _says_more(self, text: str) -> bool:
        return _says_more(text, self._known)


def _is_list_of_texts(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _placed(place: str, text: str) -> str:
    return f"{place}: {text}" if place and text else text


def _joined(place: str, inner: str) -> str:
    return f"{place}.{inner}" if place and inner else place or inner


def _first_text(members: Mapping[str, JSON], names: Sequence[str]) -> list[str]:
    """The first text among these members, if there is one."""
    texts = (members[name].strip() for name in names if isinstance(members.get(name), str))
    return list(islice(filter(None, texts), 1))


def _place(members: Mapping[str, JSON]) -> str:
    """What an item in a list of errors is about; "" if it does not say."""
    both = members.get("location"), members.get("name")  # as `Problem` and frameworks of Java have them
    if all(isinstance(each, str) and each for each in both):
        return " ".join(map(str, both))
    source = members.get("source")  # of JSON:API
    for name in _PLACES:
        found = members.get(name) or (source.get(name) if isinstance(source, Mapping) else None)
        if isinstance(found, list) and all(isinstance(step, (str, int)) for step in found):
            return dotted(found)
        if isinstance(found, str) and found:
            return found
    return ""


def _beginning(value: JSON, depth: int = 4) -> JSON:
    """As much of the data as an excerpt shows."""
    if isinstance(value, Mapping):
        return {name: _beginning(each, depth - 1) for name, each in islice(value.items(), 20)} if depth else "..."
    if isinstance(value, list):
        return [_beginning(each, depth - 1) for each in value[:20]] if depth else "..."
    return value


def _says_more(text: str, known: str) -> bool:
    words = set(re.findall(r"\w+", text.lower()))
    return not words <= {*re.findall(r"\w+", known.lower()), *_SAYS_NOTHING}
