"""
A call: its options, its attempts, and what is built of several calls (pages, polling, streams, downloads).

In come an operation and prepared requests; out come responses. `caller` shows the six steps of a call; `validating`,
`preparing`, `sending` and `reading` carry them out; `attempts` decides on retries and redirects; `core` holds what a
client is made of. May import `validation`, `network` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.calls.arguments import arguments_of
    from dynclient.calls.async_caller import AsyncCaller
    from dynclient.calls.async_sending import async_answer
    from dynclient.calls.caller import BaseCaller, Caller, answer, argument_shape
    from dynclient.calls.core import Core, document_bar
    from dynclient.calls.curl import masked_headers, masked_url
    from dynclient.calls.downloads import Download
    from dynclient.calls.hooks import Hooks, Retry
    from dynclient.calls.option_docs import SignatureOf, option_lines
    from dynclient.calls.options import (
        CLIENT_OPTIONS,
        AsyncClientOptions,
        CallOptions,
        ClientOptions,
        Setup,
        check_options,
    )
    from dynclient.calls.paging import Pagination, PagingError
    from dynclient.calls.polling import Polling, PollTimeout, leaves
    from dynclient.calls.prepared import Prepared, operation_of
    from dynclient.calls.progress import Progress, Showing
    from dynclient.calls.streams import Stream
    from dynclient.calls.undocumented import own_base_url, undocumented_operation
    from dynclient.calls.usage import literal, python_call, short_repr

__getattr__, __dir__ = lazy(
    __name__,
    """
    arguments: arguments_of
    async_caller: AsyncCaller
    async_sending: async_answer
    caller: BaseCaller Caller answer argument_shape
    core: Core document_bar
    curl: masked_headers masked_url
    downloads: Download
    hooks: Hooks Retry
    option_docs: SignatureOf option_lines
    options: AsyncClientOptions CLIENT_OPTIONS CallOptions ClientOptions Setup check_options
    paging: Pagination PagingError
    polling: PollTimeout Polling leaves
    prepared: Prepared operation_of
    progress: Progress Showing
    streams: Stream
    undocumented: own_base_url undocumented_operation
    usage: literal python_call short_repr
    """,
)
