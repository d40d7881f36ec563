"""
A server for any document, without a network: for prototypes and tests.

In comes a document and a WSGI request; out comes an answer made of the document's examples (`examples`), or the
problems of the request. May import what the core's packages offer up to `validation`, and not the client.
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
