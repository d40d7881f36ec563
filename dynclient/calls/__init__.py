"""
A call: its options, its attempts, and what is built of several calls (pages, polling, streams, downloads).

In come an operation and prepared requests; out come responses. May import `validation`,
`network` and what is below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.calls.async_downloads import AsyncDownload
    from dynclient.calls.async_sending import apart, async_send
    from dynclient.calls.async_streams import AsyncStream
    from dynclient.calls.curl import masked_headers, masked_url
    from dynclient.calls.deprecation import Deprecations
    from dynclient.calls.downloads import Download
    from dynclient.calls.hooks import NO_HOOKS, Hooks, Retry
    from dynclient.calls.notices import Notices
    from dynclient.calls.options import (
        DEFAULT_EVENT_TIMEOUT,
        DEFAULT_MAX_PAGES,
        DEFAULT_MAX_RESPONSE_SIZE,
        DEFAULT_POLLING,
        DEFAULT_RETRIES,
        DEFAULT_TIMEOUT,
        DEFAULT_TOTAL_TIMEOUT,
        MODE_OPTIONS,
        OPTION_KINDS,
        Modes,
        Options,
        check_client_options,
        merged_changes,
        mode_of,
    )
    from dynclient.calls.pacing import Traffic
    from dynclient.calls.pagination_inference import infer_pagination
    from dynclient.calls.paging import Pager, Pagination, PagingError
    from dynclient.calls.polling import Poller, Polling, PollTimeout, Until, leaves
    from dynclient.calls.sending import deadline_of, elsewhere, finished, is_key_header, send
    from dynclient.calls.streams import Stream
    from dynclient.calls.undocumented import own_base_url, undocumented_operation

__getattr__, __dir__ = lazy(
    __name__,
    """
    async_downloads: AsyncDownload
    async_sending: apart async_send
    async_streams: AsyncStream
    curl: masked_headers masked_url
    deprecation: Deprecations
    downloads: Download
    hooks: Hooks NO_HOOKS Retry
    notices: Notices
    options: DEFAULT_EVENT_TIMEOUT DEFAULT_MAX_PAGES DEFAULT_MAX_RESPONSE_SIZE DEFAULT_POLLING DEFAULT_RETRIES
        DEFAULT_TIMEOUT DEFAULT_TOTAL_TIMEOUT MODE_OPTIONS Modes OPTION_KINDS Options check_client_options
        merged_changes mode_of
    pacing: Traffic
    pagination_inference: infer_pagination
    paging: Pager Pagination PagingError
    polling: PollTimeout Poller Polling Until leaves
    sending: deadline_of elsewhere finished is_key_header send
    streams: Stream
    undocumented: own_base_url undocumented_operation
    """,
)
