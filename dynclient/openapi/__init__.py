"""
What a document says, as frozen values: operations, parameters, media types, servers, security schemes.

In comes a `Document`; out come the values of `model`, and the names of its operations (`directory`). This is the only
package that knows OpenAPI's keys. May import `documents`, `http` and `support`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.openapi.directory import Directory
    from dynclient.openapi.document_problems import is_of_type, note_schema, unfit
    from dynclient.openapi.index import Entry, read_entries
    from dynclient.openapi.lenient import mapping
    from dynclient.openapi.model import (
        DEFAULT,
        IGNORED_HEADERS,
        Encoding,
        Field,
        MediaType,
        OAuthFlow,
        Operation,
        Parameter,
        RequestBody,
        ResponseDescription,
        Schema,
        SecurityScheme,
        Server,
        takes_arrays_in_objects,
    )
    from dynclient.openapi.overview import Tags, column, operation_lines
    from dynclient.openapi.reader import read_operation
    from dynclient.openapi.schema_view import SchemaView, is_file, values_of_items
    from dynclient.openapi.security import read_security, read_security_schemes
    from dynclient.openapi.servers import read_other_servers, read_servers
    from dynclient.openapi.xml_nodes import XmlNode

__getattr__, __dir__ = lazy(
    __name__,
    """
    directory: Directory
    document_problems: is_of_type note_schema unfit
    index: Entry read_entries
    lenient: mapping
    model: DEFAULT Encoding Field IGNORED_HEADERS MediaType OAuthFlow Operation Parameter RequestBody
        ResponseDescription Schema SecurityScheme Server takes_arrays_in_objects
    overview: Tags column operation_lines
    reader: read_operation
    schema_view: SchemaView is_file values_of_items
    security: read_security read_security_schemes
    servers: read_other_servers read_servers
    xml_nodes: XmlNode
    """,
)
