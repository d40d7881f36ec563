"""Values as errors show them."""

from __future__ import annotations

import json

from dynclient.types import JSON

LONGEST_SHOWN = 60  # characters of a value


def show(value: JSON) -> str:
    """Return a value as JSON, shortened; a value that isn't JSON by its type."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return f"a {type(value).__name__}"
    text = repr(value) if isinstance(value, str) else text
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 10]}...{text[-6:]}"
