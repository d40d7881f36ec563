"""A call as a program that makes it: with curl, in Python with dynclient, or in Python with requests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynclient.calls import Caller, literal, masked_headers, masked_url, python_call
from dynclient.cli.options import Sending
from dynclient.cli.output import ItemError
from dynclient.cli.requests import say_variables, with_variables
from dynclient.credentials import Authenticator, Mask
from dynclient.documents import Document
from dynclient.openapi import read_security_schemes
from dynclient.types import UNSET
from dynclient.wire import Binder, concealed

if TYPE_CHECKING:
    from dynclient.calls import Prepared

_WRITTEN_BY_REQUESTS = frozenset({"accept-encoding", "connection", "content-length", "transfer-encoding", "user-agent"})
_OPTIONS = ("auth", "proxy", "ca", "cert", "insecure")


def program(
    kind: str,
    spec: str,
    caller: Caller,
    document: Document,
    body: Any,
    arguments: Mapping[str, Any],
    sending: Sending,
) -> str:
    """
    Return the call as a program of a kind: curl, python or requests.

    Raises:
        ItemError: it cannot be written so.
        DynclientError: as `prepare` does.
    """
    prepared = caller.with_options(masked=True).prepare(body=body, **arguments)
    say_variables(prepared)
    if kind == "curl":
        return with_variables(caller.curl(body=body, **arguments), prepared.credentials.variables.values())
    if kind == "python":
        return as_python(spec, caller, document, body, arguments, sending)
    return caller.masked(as_requests(prepared, Authenticator(read_security_schemes(document), {}).is_secret))


def as_python(
    spec: str, caller: Caller, document: Document, body: Any, arguments: Mapping[str, Any], sending: Sending
) -> str:
    """
    Return a program that makes the call with dynclient, which finds credentials in the environment as the shell does.

    Raises:
        ItemError: an option has no place in a program.
    """
    given = [f"--{name}" for name in _OPTIONS if getattr(sending, name)]
    if given:
        raise ItemError(f"--as python takes no {', '.join(given)}; write it into the program")
    source = os.path.abspath(spec) if os.path.exists(spec) else spec
    options: dict[str, Any] = {
        "base_url": sending.base_url,
        "retries": sending.retries,
        "validate_request": sending.validate,
    }
    options |= {"timeout": sending.timeout, "total_timeout": sending.total_timeout}
    more = "".join(f", {name}={literal(value)}" for name, value in options.items() if value is not None)
    name = caller.operation.id
    called = f"client.{name}" if name.isidentifier() else f"client[{literal(name)}]"
    values = _values(caller, document, body, arguments)
    return "\n".join(
        [
            *(["from pathlib import Path", ""] if any(isinstance(value, _Path) for value in values.values()) else []),
            "import dynclient",
            "",
            f"client = dynclient.Client({literal(source)}{more})",
            *python_call(f"response = {called}", values),
            "print(response.data)",
        ]
    )


def _values(caller: Caller, document: Document, body: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by their keywords, with *** for what is secret in them."""
    binder = Binder(caller.operation, document)
    bound = concealed(binder.bind(arguments, body)[0], caller.operation, Mask(document))
    values = {
        binder.keyword(each): bound.parameters[each.location, each.name]
        for each in caller.operation.parameters
        if (each.location, each.name) in bound.parameters
        and each.filled_in != bound.parameters[each.location, each.name]
    }
    keywords = {name: keyword for keyword, name in binder.fields.items()}
    if isinstance(bound.body, dict) and bound.body and bound.body.keys() <= keywords.keys():
        values |= {keywords[name]: value for name, value in bound.body.items()}
    elif bound.body is not UNSET:
        values["body"] = bound.body
    return {name: _Path(value) if isinstance(value, Path) else value for name, value in values.items()}


class _Path(str):
    """A path, as a program makes it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"


def as_requests(prepared: Prepared, is_secret: Callable[[str, str], bool]) -> str:
    """
    Return a program that sends a masked request with requests; a credential is read from its environment variable.

    Raises:
        ItemError: its body is read from a file while it is sent.
    """
    if prepared.body is not None and not isinstance(prepared.body, str | bytes):
        raise ItemError("this body is read from a file while it is sent; --as python writes a program for it")
    names = list(prepared.credentials.variables.values())
    variable = names[0] if len(names) == 1 else ""
    headers = {
        name: text for name, text in masked_headers(prepared, is_secret) if name.lower() not in _WRITTEN_BY_REQUESTS
    }
    return "\n".join(
        [
            *(["import os", ""] if variable else []),
            "import requests",
            "",
            "response = requests.request(",
            f"    {literal(prepared.method)},",
            f"    {_text(masked_url(prepared.url or '', is_secret), variable)},",
            "    headers={",
            *(f"        {literal(name)}: {_text(text, variable)}," for name, text in headers.items()),
            "    },",
            *([f"    data={literal(prepared.body)},"] if prepared.body else []),
            ")",
            "print(response.status_code, response.text)",
        ]
    )


def _text(text: str, variable: str) -> str:
    """A text in Python, in which the variable stands for ***."""
    before, is_masked, after = text.partition("***")
    if not variable or not is_masked or before.endswith(("Basic ", "Basic%20")):  # Basic is encoded
        return literal(text)
    parts = [literal(before), f"os.environ[{literal(variable)}]", *([literal(after)] if after else [])]
    return " + ".join(parts)
