"""
What a document says, as frozen values.

`reader` makes these values. The code after it knows operations, parameters and media types, and never OpenAPI's keys.
Defaults, overriding and references are settled: a parameter always has `style` and `explode`. Only schemas stay as
published (`Schema.contents`); `lowering` turns them into plain JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dynclient.errors import Problem
from dynclient.types import JSON, UNSET, Location, Unset

IGNORED_HEADERS = {name.lower(): name for name in ("Accept", "Authorization", "Content-Type")}
"""
The headers that cannot be parameters in OpenAPI 3, by their names in lower case.

They "shall be ignored" there (3.1.1 §4.8.12.2), because media types and security set them.
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema as published, and the pointer to it in the document."""

    contents: JSON
    pointer: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    A Parameter Object (OpenAPI 3.1.1 §4.8.12).

    Attributes:
        name: its name on the wire.
        location: path, query, header or cookie.
        spelling: the keyword for it in a call, beside its own name.
        style: OpenAPI's, or one of ours: `dottedLabel` is label as before 3.0.4 and 3.1.1; `querystring` is a whole
            query (`in: querystring` of 3.2), written by `media_type` and, for a form, `encoding`; `tabDelimited` is
            Swagger's.
        explode: OpenAPI's.
        media_type: set if the document describes the value by `content`; style and explode then have no meaning.
        nullable: whether the schema permits null, in the value or in its members.
        only_value: the value, if the schema permits just one.
        default: what is sent for a required parameter that is left out.
        inner_delimiters: between the items of arrays inside an array, the outer arrays first; only in Swagger 2.0.
        multi_segment: whether a value in a path may have slashes, as with `allow_reserved`.
    """

    name: str
    location: Location
    spelling: str
    style: str
    explode: bool
    required: bool = False
    schema: Schema | None = None
    media_type: str | None = None
    allow_reserved: bool = False
    allow_empty: bool = False
    multi_segment: bool = False
    nullable: bool = False
    encoding: Mapping[str, Encoding] = field(default_factory=dict)
    description: str = ""
    deprecated: bool = False
    example: JSON | Unset = UNSET
    only_value: JSON | Unset = UNSET
    default: JSON | Unset = UNSET
    pointer: str = ""
    inner_delimiters: tuple[str, ...] = ()

    @property
    def filled_in(self) -> JSON | Unset:
        """The value that is sent if a call leaves the parameter out; UNSET for none, as always in a path."""
        if not self.required or self.location == "path":
            return UNSET
        return self.default if self.only_value is UNSET else self.only_value


@dataclass(frozen=True, slots=True)
class Encoding:
    """
    How a property of a form or multipart body is written (OpenAPI 3.1.1 §4.8.15); None means the default.

    Attributes:
        headers: the headers of its part.
        files: what its schema permits: "one" for a file, "many" for an array of files, "any" for both, "" for others.
        schema_type: the media type that follows from `contentMediaType` or `contentEncoding`.
    """

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool = False
    headers: tuple[Parameter, ...] = ()
    files: Literal["", "one", "many", "any"] = ""
    schema_type: str = ""
    inner_delimiters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaType:
    """
    One entry of a `content` map.

    Attributes:
        name: its key, as published.
        item_schema: the schema of each item of a sequence, such as lines of JSON or events (OpenAPI 3.2).
    """

    name: str
    schema: Schema | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=dict)
    example: JSON | Unset = UNSET
    pointer: str = ""
    item_schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """
    A property of an object body, declared or required, which a call may give as a keyword.

    `required_as` names the media types that require it, if not all of them do.
    """

    name: str
    schema: Schema
    required: bool = False
    description: str = ""
    deprecated: bool = False
    required_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A Request Body Object; `fields` joins the declared properties of all its media types; `name` is Swagger 2.0's."""

    content: tuple[MediaType, ...]
    required: bool = False
    description: str = ""
    fields: tuple[Field, ...] = ()
    name: str = ""


DEFAULT = "DEFAULT"
"""The status of the description for all statuses without their own."""


@dataclass(frozen=True, slots=True)
class ResponseDescription:
    """
    The description of the answers with a status: an exact code, a range (`4XX`) or `DEFAULT`.

    `headers` are read like parameters; Content-Type is not among them.
    """

    status: str
    description: str = ""
    content: tuple[MediaType, ...] = ()
    headers: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A Server Variable Object; an empty `enum` permits any text, and a `default` of None is missing."""

    default: str | None = None
    enum: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A Server Object; `url` is the template as published, `name` its name since OpenAPI 3.2."""

    url: str
    description: str = ""
    variables: Mapping[str, ServerVariable] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class OAuthFlow:
    """
    One way to get a token, described by an oauth2 scheme.

    `kind` is its key: clientCredentials, password, authorizationCode, implicit or deviceAuthorization. The URLs are
    absolute if the document's own URL is known.
    """

    kind: str
    token_url: str = ""
    refresh_url: str = ""
    authorization_url: str = ""
    device_url: str = ""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """
    A Security Scheme Object.

    Attributes:
        type: apiKey, http, oauth2, openIdConnect or mutualTLS.
        parameter: for apiKey, the name of the header, query parameter or cookie.
        location: for apiKey, where that is.
        scheme: for http, its scheme in lower case.
        spelling: for http, its scheme as published.
        flows: for oauth2.
        openid_url: for openIdConnect.
        environment: the environment variable that holds the credential (`x-credential-env`).
    """

    name: str
    type: str
    scheme: str = ""
    spelling: str = ""
    parameter: str = ""
    location: str = ""
    flows: tuple[OAuthFlow, ...] = ()
    openid_url: str = ""
    environment: str = ""
    description: str = ""


Requirement: TypeAlias = Mapping[str, tuple[str, ...]]
"""The schemes that are needed together, each with its scopes; empty if none is needed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One operation of a document.

    Attributes:
        id: its operationId, or "METHOD /path" if it has none.
        security: the alternatives, of which one must be fulfilled; None if the document asks for none.
        produces: the media types of its answers in Swagger 2.0, also of answers without a described content.
        unread: what of it cannot be read, such as a parameter behind a reference that leads nowhere. Its calls cannot
            be validated.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: RequestBody | None = None
    responses: tuple[ResponseDescription, ...] = ()
    security: tuple[Requirement, ...] | None = None
    servers: tuple[Server, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    pointer: str = ""
    unread: tuple[Problem, ...] = ()
    produces: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Operation {self.id}: {self.method} {self.path}>"


def takes_arrays_in_objects(parameter: Parameter) -> bool:
    """Whether a member of an object may be an array: OpenAPI leaves it open, and Spring reads it."""
    is_form = parameter.style == "form" and parameter.media_type is None
    return is_form and parameter.explode and parameter.location == "query"
