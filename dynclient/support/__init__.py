"""
What every package uses: locks, threads, deadlines, spelling, origins of URLs, patterns in bounded time.

In come plain values; out come plain values, locks and threads. Nothing here knows OpenAPI, and only `connections`
looks into requests' errors. May import only the root's modules (`types`, `errors`, `codes`, `rules`, `version`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.support.connections import (
        REFUSED_TUNNEL,
        Fault,
        UnusableProxy,
        connection_fault,
        insecurity,
        proxy_name,
        proxy_of,
        tunnel_status,
    )
    from dynclient.support.deadline import CLOCK, NEVER, Clock, Deadline
    from dynclient.support.display import (
        LONGEST_SHOWN,
        Mask,
        as_own_type,
        counted,
        outline,
        printable,
        scalar,
        show,
        type_name,
        write_lines,
    )
    from dynclient.support.html import code_html, data_html, escaped_html, folded_html, list_html, table_html
    from dynclient.support.locks import cached, renewed
    from dynclient.support.names import argument_name, as_python_reads, dotted, near, route_name, snake_case
    from dynclient.support.open_calls import OpenCall, open_call
    from dynclient.support.patterns import SLOW, matches, parse, pattern_fault
    from dynclient.support.progress import Told, no_progress
    from dynclient.support.prose import described, first_sentence, wrapped
    from dynclient.support.threads import Workers
    from dynclient.support.tracebacks import causes, hush, quiet, rendered, shows_all
    from dynclient.support.urls import is_loopback, origin

__getattr__, __dir__ = lazy(
    __name__,
    """
    connections: Fault REFUSED_TUNNEL UnusableProxy connection_fault insecurity proxy_name proxy_of
        tunnel_status
    deadline: CLOCK Clock Deadline NEVER
    display: LONGEST_SHOWN Mask as_own_type counted outline printable scalar show type_name write_lines
    html: code_html data_html escaped_html folded_html list_html table_html
    locks: cached renewed
    names: argument_name as_python_reads dotted near route_name snake_case
    open_calls: OpenCall open_call
    patterns: SLOW matches parse pattern_fault
    progress: Told no_progress
    prose: described first_sentence wrapped
    threads: Workers
    tracebacks: causes hush quiet rendered shows_all
    urls: is_loopback origin
    """,
)
