"""What the library says, in the words of a shell: its options are written as those of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable

# The options of the library that a shell has, by their names there.
_OPTIONS = {
    "auth": "--auth",
    "base_url": "--base-url",
    "content_type": "--content-type",
    "headers": "--header",
    "query": "--query",
    "retries": "--retries",
    "server": "--server",
    "server_variables": "--server-variable",
    "timeout": "--timeout",
    "total_timeout": "--total-timeout",
}


def _option(found: re.Match[str]) -> str:
    name = _OPTIONS.get(found[1])
    return f"The option is {name}." if name else "Only Python has this option."


# What a hint of the library says in Python, and how the same is done in a shell.
_RULES: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"The option is given by with_options\((\w+)=\.\.\.\)\.", _option),
        (r"\bthe option (\w+) must", lambda found: f"{_OPTIONS.get(found[1], found[1])} must"),
        (r"Pass body=\.\.\.", "Give --body, or its fields as name=value"),
        (r"give the whole body as body=\{(.+?)\}", r"give the whole body by --body"),
        (r"Put it into body= instead of beside it: body=\{.+?\}", "Put it into --body instead of beside it"),
        (r"\bby auth=(?=[,. ])", "by --auth"),
        (r"auth=\{'?([^'}:]+)'?: \.\.\.\}", r"--auth \1=env:NAME"),
        (r"auth=\{[^}]*\}", "--auth SCHEME=env:NAME"),
        (r"headers=\{'([^'}]+)': '?([^'}]*)'?\}", r"-H '\1: \2'"),
        (r"query=\{[^}]*\}", "--query NAME=VALUE"),
        (r"pass another in server_variables=\{'([^'}]+)': [^}]*\}", r"give another by --server-variable \1=..."),
        (r"server_variables=\{'([^'}]+)': [^}]*\}", r"--server-variable \1=..."),
        (r"\bpass base_url='([^']*)'", r"give --base-url \1"),
        (r"\bpass server='([^']*)'", r"give --server \1"),
        (r"\bbase_url='([^']*)'", r"--base-url \1"),
        (r"body (\S+): text is not a file: give Path\('([^']*)'\).*?\)", r"body \1: text is not a file: write \1=@\2"),
        (r"(number of seconds), \(seconds to connect, .*?\), or None", r"\1"),
        (r"\bis base_url right", "is --base-url right"),
        (r"\bcontent_type= chooses", "--content-type chooses"),
        (r"with_options\(server=\.\.\.\)", "--server"),
        (r"; with_options\(pagination=.*?\)\) does", ""),
        (r"; with_options\(max_pages=.*?\) permits more, None any number", ""),
        (r"(?:use )?with_options\((-.+?)\)", r"\1"),
    )
]


def in_shell_words(text: str) -> str:
    """
    Return a message with the library's hints as they are followed in a shell.

    >>> in_shell_words("it needs 'key'. Give auth={'key': ...} or set DYNCLIENT_AUTH_KEY.")
    "it needs 'key'. Give --auth key=env:NAME or set DYNCLIENT_AUTH_KEY."
    >>> in_shell_words("the document names no server; pass base_url='https://...'")
    'the document names no server; give --base-url https://...'
    """
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return text
