"""The arguments of an operation as its help, its signature and its completions show them, required ones first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dynclient.http import media_types
from dynclient.openapi import Field, MediaType, Operation, Parameter, RequestBody, SchemaView
from dynclient.support import argument_name
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import Binder

BODY = "body"


@dataclass(frozen=True, slots=True)
class Argument:
    """
    A keyword argument of an operation.

    Attributes:
        keyword: how a call names it; a field that no keyword reaches is "body['name']".
        place: path, query, header, cookie or body.
        required: whether a call without it is refused. Fields of a body may also be given by `body`.
        is_field: whether it is a field of the body.
        need: when it is required, if that depends on something else.
        view: its schemas.
        files: whether it takes files: "one", "many", "any" for both, or "".
        description: the document's, of the argument itself or else of its schema.
        filled_in: what is sent if a call leaves a required parameter out.
        example: the document's.
    """

    keyword: str
    place: str
    view: SchemaView
    required: bool = False
    is_field: bool = False
    files: str = ""
    need: str = ""
    description: str = ""
    deprecated: bool = False
    filled_in: JSON | Unset = UNSET
    example: JSON | Unset = UNSET


def arguments_of(operation: Operation, binder: Binder) -> list[Argument]:
    """Return the arguments of an operation: required ones first, deprecated and filled in ones last."""
    found = [_parameter(parameter, binder) for parameter in operation.parameters]
    if operation.body:
        found += [_body(operation.body, binder), *_fields(operation.body, binder)]
    return sorted(found, key=_rank)


def _rank(argument: Argument) -> int:
    return 0 if argument.required else 2 if argument.deprecated or argument.filled_in is not UNSET else 1


def _parameter(parameter: Parameter, binder: Binder) -> Argument:
    view, filled_in = binder.shape(parameter.schema), parameter.filled_in
    return Argument(
        binder.keyword(parameter),
        parameter.location,
        view,
        required=parameter.required and filled_in is UNSET,
        description=parameter.description or _said(view),
        deprecated=parameter.deprecated,
        filled_in=filled_in,
        example=parameter.example if parameter.example is not UNSET else _example(view),
    )


def _body(body: RequestBody, binder: Binder) -> Argument:
    described = [each for each in body.content if media_types.is_json(each.name)] or body.content
    view = binder.shape(described[0].schema if described else None)
    example = described[0].example if described else UNSET
    return Argument(
        BODY,
        BODY,
        view,
        required=body.required and not body.fields,
        description=body.description,
        example=example if example is not UNSET else _example(view),
    )


def _fields(body: RequestBody, binder: Binder) -> Iterator[Argument]:
    examples = next((each.example for each in body.content if isinstance(each.example, Mapping)), {})
    for field in body.fields:
        view = binder.shape(field.schema)
        example = examples.get(field.name, UNSET)
        yield Argument(
            _keyword(field.name, binder),
            BODY,
            view,
            required=field.required and body.required,
            is_field=True,
            files=next((found for each in body.content if (found := _files(each, field.name))), ""),
            need=_need(field, body),
            description=field.description or _said(view),
            deprecated=field.deprecated,
            example=example if example is not UNSET else _example(view),
        )


def _keyword(name: str, binder: Binder) -> str:
    spelled = (spelling for spelling in (argument_name(name), name) if binder.fields.get(spelling) == name)
    return next(spelled, f"body[{name!r}]")


def _need(field: Field, body: RequestBody) -> str:
    if field.required_as:
        return f"required as {' or '.join(field.required_as)}"
    return "required in a body" if field.required and not body.required else ""


def _files(media_type: MediaType, name: str) -> str:
    encoding = media_type.encoding.get(name)
    return encoding.files if encoding else ""


def _said(view: SchemaView) -> str:
    text = view.said("description")
    return text if isinstance(text, str) else ""


def _example(view: SchemaView) -> JSON | Unset:
    examples = view.said("examples")
    return examples[0] if isinstance(examples, list) and examples else view.said("example")
