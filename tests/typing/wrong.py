"""Eleven wrong uses of the public surface, for type checkers: every line that ends in `# wrong` is an error."""

from __future__ import annotations

import dynclient

client = dynclient.Client("openai")

dynclient.Client("openai", retrys=1)  # wrong
dynclient.Client("openai", retries="1")  # wrong
dynclient.Client("openai", idempotency_key="once")  # wrong
dynclient.Client("openai", validate_request="of")  # wrong
client.with_options(timeuot=5)  # wrong
client.with_options(progress="sometimes")  # wrong
client.createRun.with_options(max_pages="all")  # wrong
dynclient.AsyncClient("openai", session=None)  # wrong
dynclient.Pagination(step="pages")  # wrong
dynclient.Hooks(before_send=5)  # wrong
print(client.createRun(thread_id="t").status)  # wrong
