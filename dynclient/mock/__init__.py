"""
A server for any document, without a network: for prototypes and tests.

In come a document and WSGI requests; out come answers made of the document's examples (`examples`), or the problems of
a request. May import `validation` and below, but not the client.
"""

from dynclient.mock.application import MockApp, Recorded, serve
from dynclient.mock.examples import body_example, minimal, parameter_example, response_example, with_files

__all__ = [
    "MockApp",
    "Recorded",
    "body_example",
    "minimal",
    "parameter_example",
    "response_example",
    "serve",
    "with_files",
]
