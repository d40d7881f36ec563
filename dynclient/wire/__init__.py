"""
From Python values to requests, and back.

In come an operation and a call's arguments; out comes a request with exactly these: path, query, headers, cookies and
body. The way back reads parameters, bodies and event streams. May import `schemas`, `credentials` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.wire.accept_header import accepted_streams, answer_types
    from dynclient.wire.binding import MISSING, STREAM, UNKNOWN, Arguments, Binder, ParameterKey
    from dynclient.wire.deserialization import typed
    from dynclient.wire.event_streams import (
        DEFAULT_LIMIT,
        Decoder,
        Event,
        EventDecoder,
        ItemError,
        StreamError,
        as_received,
        decoder_for,
    )
    from dynclient.wire.masked_arguments import concealed
    from dynclient.wire.request import Request, address, filled
    from dynclient.wire.request_builder import Builder
    from dynclient.wire.serialization import cookie_text, escape_reserved, header_text, path_text, query_text, text
    from dynclient.wire.servers import (
        Destination,
        Selection,
        accepted_origin,
        base_url_of,
        check_origin,
        chosen,
        redirected,
        shown,
        url_of,
    )
    from dynclient.wire.text_values import Check, Resolve, TextLowering, Types, is_uniform, readings
    from dynclient.wire.unwritable import Unwritable
    from dynclient.wire.uploads import BodyError, Upload
    from dynclient.wire.values import plain
    from dynclient.wire.xml_reading import UnreadableXml, read_xml
    from dynclient.wire.xml_writing import write_xml

__getattr__, __dir__ = lazy(
    __name__,
    """
    accept_header: accepted_streams answer_types
    binding: Arguments Binder MISSING ParameterKey STREAM UNKNOWN
    deserialization: typed
    event_streams: DEFAULT_LIMIT Decoder Event EventDecoder ItemError StreamError as_received decoder_for
    masked_arguments: concealed
    request: Request address filled
    request_builder: Builder
    serialization: cookie_text escape_reserved header_text path_text query_text text
    servers: Destination Selection accepted_origin base_url_of check_origin chosen redirected shown url_of
    text_values: Check Resolve TextLowering Types is_uniform readings
    unwritable: Unwritable
    uploads: BodyError Upload
    values: plain
    xml_reading: UnreadableXml read_xml
    xml_writing: write_xml
    """,
)
