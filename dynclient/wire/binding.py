"""Which parameter or field of the body each keyword argument of a call means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dynclient.documents import Document, escape_step, split_value_pointer
from dynclient.errors import CallError, Problem
from dynclient.http import media_types
from dynclient.openapi import IGNORED_HEADERS, MediaType, Operation, Parameter, Schema, SchemaView
from dynclient.support import argument_name, cached, dotted, near, snake_case
from dynclient.types import JSON, UNSET, Location, Unset
from dynclient.wire import media
from dynclient.wire.json_text import encode_json
from dynclient.wire.serialization import NULL_ITEM
from dynclient.wire.unwritable import Unwritable, within
from dynclient.wire.values import plain

ParameterKey = tuple[Location, str]

UNKNOWN = "unknown"
"""The rule for an argument that the operation does not have."""

STREAM = "stream"
"""The argument that asks OpenAI's operations, and many others, for a stream."""

MISSING = "missing"
"""The rule for a required parameter or body that is missing."""

_MOST_NAMED = 20
"""How many arguments a hint lists; `help()` lists them all."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """
    The arguments of a call, as plain data: JSON values, and files as they were given.

    Attributes:
        parameters: the values of the parameters that were given, by location and name.
        body: the body.
        media_type: the media type of the body.
        encoded: a JSON body as the bytes to send; `body` is then exactly the data that they mean.
    """

    parameters: Mapping[ParameterKey, JSON] = field(default_factory=dict)
    body: JSON | Unset = UNSET
    media_type: MediaType | None = None
    encoded: bytes | None = None


class Binder:
    """
    Binds calls of one operation.

    A keyword means:

    - a parameter, by its own name or its spelling as a Python name; if two locations have the same name, it is
      "location_name";
    - a declared field of the body, if there is no `body=` and no parameter of that name;
    - the whole body, by the name that Swagger 2.0 gives it, if no parameter or field has that name.
    """

    def __init__(
        self,
        operation: Operation,
        document: Document | None = None,
        fits: Callable[[MediaType, JSON], bool] | None = None,
    ) -> None:
        """
        Args:
            operation: the operation.
            document: the document, which resolves references in schemas.
            fits: says whether a body is valid for a media type; it is asked if several media types may be meant.
        """
        self._operation = operation
        self._document = document
        self._fits = fits
        self.parameters = _parameters_by_keyword(operation.parameters)
        if operation.body is not None:  # there `body` means the body
            self.parameters.pop("body", None)
        self.fields = _fields_by_keyword(operation, self.parameters)
        name = operation.body.name if operation.body else ""  # Swagger 2.0 names the body
        self.body_keyword = "" if name in self.parameters or name in self.fields else argument_name(name)
        self._shapes = {_key(parameter): SchemaView(document, [parameter.schema]) for parameter in operation.parameters}
        headers = (key for key in map(_key, operation.parameters) if key[0] == "header")
        self._content_type = next((key for key in headers if key[1].lower() == "content-type"), None)
        self._required = frozenset(_key(parameter) for parameter in operation.parameters if parameter.required)
        content = operation.body.content if operation.body else ()
        self._body_shapes = {each.name: SchemaView(document, [each.schema]) for each in content}
        self._filled_in = {
            _key(parameter): parameter.filled_in
            for parameter in operation.parameters
            if parameter.filled_in is not UNSET
        }

    def bind(
        self, arguments: Mapping[str, JSON], body: JSON | Unset = UNSET, content_type: str | None = None
    ) -> tuple[Arguments, tuple[Problem, ...]]:
        """
        Return the bound arguments, and everything that cannot be bound.

        Nothing is added, except a required parameter that permits just one value or has a default.

        Args:
            arguments: the keyword arguments of the call.
            body: the body of the call.
            content_type: the media type of the body, if the caller chooses it.
        """
        if body is not UNSET and self._operation.body is None and "body" in self.parameters:
            arguments, body = {**arguments, "body": body}, UNSET  # a parameter of that name
        if body is UNSET and self.body_keyword and self.body_keyword in arguments:
            body = arguments[self.body_keyword]
            arguments = {name: value for name, value in arguments.items() if name != self.body_keyword}
        values, fields, refused, problems = self._bind_keywords(arguments, body)
        if not self._required <= values.keys():
            missing = [key for key in map(_key, self._operation.parameters) if key in self._required - values.keys()]
            problems += [Problem(*key, "required, but not given", MISSING) for key in missing if key not in refused]
        if not content_type and self._content_type:
            content_type = self._given_content_type(values)
        bound, body_problems = self._bind_body(fields or body, content_type)
        return Arguments(values, bound.body, bound.media_type, bound.encoded), (*problems, *body_problems)

    def _bind_keywords(
        self, arguments: Mapping[str, JSON], body: JSON | Unset
    ) -> tuple[dict[ParameterKey, JSON], dict[str, JSON], set[ParameterKey], list[Problem]]:
        """The values of parameters and of fields of the body, the parameters whose value is refused, and why."""
        values: dict[ParameterKey, JSON] = dict(self._filled_in)
        fields: dict[str, JSON] = {}
        problems: list[Problem] = []
        refused: set[ParameterKey] = set()
        given: set[ParameterKey] = set()
        for keyword, value in arguments.items():
            parameters = self.parameters.get(keyword, ())
            if len(parameters) == 1:
                key = parameters[0].location, parameters[0].name
                try:
                    written = self._written(key, parameters[0], value)
                    if written is not UNSET:
                        values[key] = written
                    if key in given:
                        raise Unwritable("is given twice, under two spellings")
                    given.add(key)
                except Unwritable as error:
                    refused.add(key)
                    problems.append(unwritable(*key, value, error, parameters[0].pointer))
            elif parameters:
                problems.append(self._ambiguous(keyword, parameters))
                refused.update(map(_key, parameters))
            elif keyword in self.fields and body is UNSET:
                if value is not UNSET:
                    fields[self.fields[keyword]] = value
            else:
                problems.append(self._unknown(keyword, value, body))
        return values, fields, refused, problems

    def keyword(self, parameter: Parameter) -> str:
        """Return the keyword for a parameter; it has the location in it if another parameter has the same name."""
        for keyword in (parameter.spelling, f"{parameter.location}_{parameter.spelling}"):
            if self.parameters.get(keyword) == (parameter,):
                return keyword
        return parameter.name

    def shape(self, schema: Schema | None) -> SchemaView:
        """Return a view of a schema of the operation that follows its references."""
        return SchemaView(self._document, [schema])

    def schema(self, keyword: str) -> Schema | None:
        """Return the schema of what a keyword means; None if it means nothing, or several things."""
        parameters = self.parameters.get(keyword, ())
        if len(parameters) == 1:
            return parameters[0].schema
        name = self.fields.get(keyword)
        fields = self._operation.body.fields if self._operation.body else ()
        return next((field.schema for field in fields if field.name == name), None)

    @property
    def takes_stream(self) -> bool:
        """Whether `stream` is an argument that is true or false."""
        return "boolean" in SchemaView(self._document, [self.schema(STREAM)]).types

    def asking_for_stream(self, body: JSON | Unset, arguments: dict[str, JSON]) -> tuple[JSON | Unset, dict[str, JSON]]:
        """
        Return the body and the arguments, with `stream` true if the operation takes it and the call does not give it.

        Raises:
            CallError: the call gives `stream` as false.
        """
        if not self.takes_stream:
            return body, arguments
        is_parameter = STREAM in self.parameters
        given = body if isinstance(body, Mapping) and not is_parameter else arguments
        if given.get(STREAM, True) is False:
            reason = "stream=False asks for no stream; leave it out, or make the call itself"
            raise CallError(self._operation.id, reason)
        if given is body:
            return {STREAM: True, **given}, arguments
        has_other_body = body is not UNSET and not is_parameter
        return body, arguments if has_other_body else {STREAM: True, **arguments}

    def _written(self, key: ParameterKey, parameter: Parameter, value: JSON) -> JSON | Unset:
        """
        The value in the form that its schema asks for, as it is written and validated.

        None means "not given" (RFC 6570 §2.3), unless the value is required and may be null.
        """
        shape = self._shapes[key]
        if value is UNSET or (value is None and not (parameter.required and parameter.nullable and shape.nullable)):
            return UNSET
        written = plain(value, shape=shape)
        if not isinstance(written, list | dict) or media_types.is_json(parameter.media_type or ""):
            return written
        return _without_nulls(written, shape)

    def _bind_body(self, body: JSON | Unset, content_type: str | None) -> tuple[Arguments, Sequence[Problem]]:
        declared = self._operation.body
        if body is UNSET:
            return Arguments(), self._missing_body(content_type)
        if declared is None:
            return Arguments(), (Problem("body", "", "the operation takes no body", UNKNOWN, body),)
        if not declared.content:
            return Arguments(), (Problem("body", "", "the document names no media type for it", UNKNOWN, body),)
        try:
            if content_type is None and len(declared.content) == 1:
                (media_type,) = declared.content
            else:
                media_type = media.choose(declared.content, body, content_type, self._operation.method, self._accepts)
            return self._bound_body(media_type, body), ()
        except Unwritable as error:
            return Arguments(), (unwritable("body", "", body, error, self._operation.pointer + "/requestBody"),)

    def _given_content_type(self, values: Mapping[ParameterKey, JSON]) -> str | None:
        """
        The media type for the body that the caller chooses by a header parameter of Swagger 2.0.

        A value in the parameter's own enum chooses none: the body need not declare it, and is sent as what suits it.
        """
        assert self._content_type is not None
        given = values.get(self._content_type)
        is_own = given in self._shapes[self._content_type].values
        return given if isinstance(given, str) and not is_own else None

    def _bound_body(self, media_type: MediaType, body: JSON) -> Arguments:
        # The caller may have replaced a wildcard.
        shape = self._body_shapes.get(media_type.name) or self.shape(media_type.schema)
        if media_types.is_json(media_type.name):
            if not isinstance(body, dict | list):
                media.refuse_file(body)
            encoded, data = encode_json(body, shape)
            return Arguments({}, data, media_type, encoded)
        return Arguments({}, media.as_data(media_type, body, shape), media_type)

    def _accepts(self, media_type: MediaType, body: JSON) -> bool:
        """Whether a body can be written in a media type, and is then valid."""
        try:
            bound = self._bound_body(media_type, body)
        except Unwritable:
            return False
        return self._fits is None or self._fits(media_type, bound.body)

    def _missing_body(self, content_type: str | None) -> list[Problem]:
        body = self._operation.body
        if body is None or not body.required:
            return []
        try:  # the media type that fields would be sent as
            chosen = media.choose(body.content, {}, content_type).name if body.content else ""
        except Unwritable:
            chosen = ""
        names = [field.name for field in body.fields if field.required or chosen in field.required_as]
        if not names:
            return [Problem("body", "", "required, but not given", MISSING, hint="Pass body=...")]
        message = "required, but not given"
        return [
            Problem(
                "body", dotted([name]), message, MISSING, pointer=f"/{escape_step(name)}", hint=self.field_hint(name)
            )
            for name in names
        ]

    @cached
    def hidden(self) -> Mapping[str, str]:
        """The fields of the body whose names, as keywords, mean parameters; each with that in words."""
        return _hidden_fields(self._operation, self.parameters, self.fields)

    def field_hint(self, name: str) -> str:
        """Return how to give a field of the body whose name, as a keyword, means a parameter; "" for other fields."""
        if name not in self.hidden:
            return ""
        return f"{self.hidden[name]}; give the whole body as body={{{name!r}: ..., ...}}."

    def _unknown(self, keyword: str, value: JSON, body: JSON | Unset) -> Problem:
        if keyword in self.fields and body is not UNSET:
            hint = f"Put it into body= instead of beside it: body={{..., {keyword!r}: ...}}."
            return Problem("argument", keyword, "is a field of the body", UNKNOWN, value, hint=hint)
        names = [self.keyword(parameter) for parameter in self._operation.parameters]
        names += [keyword for name in dict.fromkeys(self.fields.values()) for keyword in self._field_keywords(name)[:1]]
        hint = (
            _header_hint(keyword)
            or self._hidden_hint(keyword)
            or _choice(near(keyword, [*self.parameters, *self.fields]))
        )
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        taken = f"It takes {', '.join(names[:_MOST_NAMED])}{more}." if names else "It takes no arguments."
        hint = hint or taken
        message = "there is no such parameter or body field"
        return Problem("argument", keyword, message, UNKNOWN, value, expected=names, hint=hint)

    def _hidden_hint(self, keyword: str) -> str:
        """For a field that a parameter hides, written so that it cannot be the parameter: `id_`, `body_id`."""
        meant = (name for name in self.hidden if keyword.strip("_") in (name, f"body_{name}", f"path_{name}"))
        return "".join(map(self.field_hint, list(meant)[:1]))

    def _field_keywords(self, name: str) -> list[str]:
        """The keywords that mean a field; the one that is a Python name comes first."""
        return [keyword for keyword in (argument_name(name), name) if self.fields.get(keyword) == name]

    def _ambiguous(self, keyword: str, parameters: Sequence[Parameter]) -> Problem:
        exact = [name for name, meant in self.parameters.items() if len(meant) == 1 and meant[0] in parameters]
        hint = f"Say {' or '.join(exact)}."
        return Problem("argument", keyword, "could mean several parameters", "ambiguous", expected=exact, hint=hint)


def _without_nulls(value: JSON, shape: SchemaView) -> JSON:
    """The value without members that are null, except those that are required and may be null."""
    if isinstance(value, dict):
        members = ((key, item, shape.member(key)) for key, item in value.items())
        return {
            key: within(key, _without_nulls, item, inner)
            for key, item, inner in members
            if item is not None or (key in shape.required and inner.nullable)
        }
    if isinstance(value, list):
        return [within(index, _item_without_nulls, item, shape.item(index)) for index, item in enumerate(value)]
    return value


def _item_without_nulls(value: JSON, shape: SchemaView) -> JSON:
    if value is None:
        raise Unwritable(NULL_ITEM)
    return _without_nulls(value, shape)


def _parameters_by_keyword(parameters: Sequence[Parameter]) -> dict[str, tuple[Parameter, ...]]:
    """The parameters that each keyword may mean. Exact names win over spellings."""
    exact: dict[str, list[Parameter]] = {}
    spelled: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        exact.setdefault(parameter.name, []).append(parameter)
    for parameter in parameters:
        for spelling in {parameter.spelling, snake_case(parameter.name)} - {"", *exact}:
            spelled.setdefault(spelling, []).append(parameter)
        if len(exact[parameter.name]) > 1 or parameter.name == "body":
            spelled.setdefault(f"{parameter.location}_{parameter.spelling}", []).append(parameter)
    return {name: tuple(meant) for name, meant in {**exact, **spelled}.items()}


def _fields_by_keyword(operation: Operation, parameters: Mapping[str, object]) -> dict[str, str]:
    """The names of the body's fields by keyword. Keywords of parameters keep their meaning."""
    names = [field.name for field in operation.body.fields] if operation.body else []
    spelled = {spelling: name for name in names if (spelling := snake_case(name))}
    return {
        keyword: name
        for keyword, name in {**spelled, **{name: name for name in names}}.items()
        if keyword not in parameters
    }


def _hidden_fields(
    operation: Operation, parameters: Mapping[str, Sequence[Parameter]], fields: Mapping[str, str]
) -> dict[str, str]:
    """The fields of the body that no keyword means, because it means a parameter; each with that in words."""
    names = [field.name for field in operation.body.fields] if operation.body else []
    reached = set(fields.values())
    return {
        name: f"The keyword {keyword} means the {parameters[keyword][0].location} parameter"
        for name in names
        if name not in reached and (keyword := name if name in parameters else argument_name(name)) in parameters
    }


def _key(parameter: Parameter) -> ParameterKey:
    return parameter.location, parameter.name


def unwritable(location: str, name: str, value: JSON, error: Unwritable, schema_pointer: str = "") -> Problem:
    """Return the problem of a value that cannot be written. Its value is the part that is wrong."""
    path: list[str | int] = []
    for step in split_value_pointer(error.pointer):
        path.append(int(step) if step.isdecimal() and not isinstance(value, Mapping) else step)
        value = _member(value, path[-1])
    return Problem(location, dotted(path, name), error.message, "value", value, error.pointer, schema_pointer)


def _member(value: JSON, step: str | int) -> JSON | Unset:
    """A member of a list or mapping; UNSET for the members of a set, which becomes a list only when it is written."""
    try:
        return value[step]
    except (TypeError, LookupError):
        return UNSET


def _header_hint(keyword: str) -> str:
    """How to give a header that OpenAPI 3 does not accept as a parameter (Parameter Object)."""
    name = IGNORED_HEADERS.get(keyword.lower().replace("_", "-"))
    if name is None:
        return ""
    own = f"with_options(headers={{{name!r}: ...}})"
    return f"Give the credential by auth=, or the header by {own}." if name == "Authorization" else f"Give it by {own}."


def _choice(names: Sequence[str]) -> str:
    return f"Did you mean {' or '.join(repr(name) for name in names)}?" if names else ""
