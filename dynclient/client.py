"""The client: operations of a document as methods."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from dynclient.base_client import BaseClient
from dynclient.calls import CLIENT_OPTIONS, Caller, ClientOptions, Core, SignatureOf, answer, option_lines
from dynclient.documents import Document, DocumentSource
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import quiet
from dynclient.types import JSON, UNSET, Unset

if TYPE_CHECKING:
    import requests


class Client(BaseClient[Caller]):
    """
    Every operation of an OpenAPI document as a method.

        client = dynclient.Client("openai")
        run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")

    An operation is an attribute by its operationId or that in snake case (without an operationId, by method and path in
    snake case), and a subscript by its operationId or "METHOD /path", which always works. Its parameters, and the
    fields of its body, are keywords; `help(client.createRun)` lists them.

    Faults of the document are worked around, and listed in `document.problems`. A copied client shares its session; a
    pickled one leaves session and credentials behind.

    Args:
        source: a path, a URL, text, bytes, an open file, a mapping, the name of a bundled document, or a `Document`.
    """

    __signature__ = SignatureOf(CLIENT_OPTIONS, ClientOptions)

    @quiet
    def __init__(self, source: DocumentSource | Document, **options: Unpack[ClientOptions]) -> None:
        """
        Read the document; nothing is called yet.

        Raises:
            DocumentError: the document cannot be read, is refused under `strict`, or lacks a server that is asked for.
            TypeError: an option is unknown, or its value is of the wrong kind.
            ValueError: the pattern of a format isn't a regular expression that can be run.
        """
        super().__init__(source, **options)

    def _caller(self, core: Core, operation: Operation, base_url: str = "") -> Caller:
        return Caller(core, operation, base_url=base_url)

    def __getstate__(self) -> dict[str, Any]:
        return {"_core": self._core}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @quiet
    def send(self, prepared: requests.PreparedRequest) -> Response:
        """
        Send a request that `prepare` returned, or any prepared request, and return the answer.

        Raises:
            SendError: no complete answer came back.
            StatusError: its status is 400 or more.
            ResponseError: it does not fit the document, under `validate_response="raise"`.
        """
        from dynclient.calls import operation_of

        return answer(self._core, operation_of(prepared), prepared)

    @quiet
    def request(
        self,
        method: str,
        path: str,
        *,
        body: JSON | Unset = UNSET,
        query: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
    ) -> Response:
        """
        Call what the document does not describe, and return the answer.

            client.request("POST", "/beta/things", body={"name": "a"})

        The path is sent as it is given; characters that a URL cannot hold are escaped. It is appended to the URL of the
        document's server. A whole URL must have that server's origin. Credentials are those that the document's root
        asks for; options, retries and errors are as for any call. Nothing is validated, even if the document describes
        an operation at that path.

        Args:
            method: such as "GET", in upper or lower case.
            path: begins with a slash; it may have a query.
            body: sent as JSON; with files in it as multipart/form-data; bytes or a file as application/octet-stream.
            query: added to the query of the path and that of the client.
            headers: added to those of the client.
            content_type: the media type of the body, if it is another one.

        Raises:
            CallError: it cannot be sent, or the URL has another origin.
            SendError: no complete answer came back.
            StatusError: the answer's status is 400 or more.
        """
        return self._undocumented(method, path, body, query, headers, content_type)(body=body)

    def close(self) -> None:
        """Close the connections and threads, after the calls under way; a session that was given stays open."""
        self._core.workers.close()
        self._core.transport.close()


Client.__doc__ = f"{(Client.__doc__ or '').rstrip()}\n{option_lines(CLIENT_OPTIONS)}    "
