"""The Accept header: which media types a call asks for."""

from __future__ import annotations

from dynclient.openapi import DEFAULT, Operation
from dynclient.wire.event_streams import decoder_for


def accepted_streams(operation: Operation, stream_type: str | None = None) -> str:
    """
    Return the Accept header of a call whose answer is read as a stream.

    Args:
        operation: the operation.
        stream_type: the type that the caller asks for; it comes first. Without it, the documented streams come first.
    """
    if stream_type is not None:
        return ", ".join(dict.fromkeys([stream_type, *(answer_types(operation) or ["*/*"])]))
    names = sorted(answer_types(operation), key=lambda name: decoder_for(name) is None)
    if not names or decoder_for(names[0]) is None:  # the document does not mention the stream
        names = ["text/event-stream", *(names or ["*/*"])]
    return ", ".join(names)


def answer_types(operation: Operation) -> list[str]:
    """
    Return the media types of the answers that mean success, as the document lists them.

    If no such answer has content, these are the types of the default answer, else those in the operation's `produces`.
    """
    successes = [answer for answer in operation.responses if answer.status[:1] == "2"]
    others = [answer for answer in operation.responses if answer.status == DEFAULT]
    for answers in (successes, others):
        names = list(dict.fromkeys(media_type.name for answer in answers for media_type in answer.content))
        if names:
            return names
    return list(operation.produces)
