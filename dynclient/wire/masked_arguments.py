"""The arguments of a call with their secrets masked."""

from __future__ import annotations

from dataclasses import replace

from dynclient.credentials import Mask, is_cursor_name
from dynclient.openapi import Operation
from dynclient.wire.binding import Arguments


def concealed(arguments: Arguments, operation: Operation, mask: Mask, found: list[str] | None = None) -> Arguments:
    """
    Return the arguments with *** in place of each secret.

    Args:
        arguments: the arguments of the call.
        operation: its operation.
        mask: what decides which values are secret.
        found: a list that the secrets are added to.
    """
    parameters = dict(arguments.parameters)
    for parameter in operation.parameters:
        key = parameter.location, parameter.name
        if key in parameters:
            is_secret = mask.hides(*key) and not (parameter.location == "query" and is_cursor_name(parameter.name))
            place = mask.place(parameter.schema)
            parameters[key] = mask.masked(parameters[key], place, is_secret=is_secret, found=found)
    place = mask.place(arguments.media_type.schema if arguments.media_type else None)
    body = mask.masked(arguments.body, place, found=found)
    return replace(arguments, parameters=parameters, body=body, encoded=None)
