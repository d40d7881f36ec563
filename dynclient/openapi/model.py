"""
What a document says, as frozen values.

`reader` makes these; everything after it speaks of operations, parameters and media types and never of OpenAPI's keys.
Defaults, overriding and references are settled: a parameter's `style` and `explode` are always there. Only schemas
stay as published (`Schema.contents`); `lowering` turns them into plain JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dynclient.errors import Problem
from dynclient.types import JSON, UNSET, Location, Unset

IGNORED_HEADERS = {name.lower(): name for name in ("Accept", "Authorization", "Content-Type")}
"""
The headers that are no parameters of OpenAPI 3, by their names in lower case.

They "shall be ignored" there (3.1.1 §4.8.12.2), for media types and security set them.
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

    `spelling` is the keyword that means this parameter in a call, beside its own `name`. `media_type` is set, and
    style and explode have no meaning, where the document describes the value by `content` instead of a style.
    `only_value` is the one value that the schema permits, where there is just one, and `default` what is sent in place
    of a required one that is left out. `inner_delimiters` stand between the items of arrays inside an array, the outer
    arrays first; only Swagger 2.0 has such.

    Where `multi_segment`, as with `allow_reserved`, a value in a path may hold slashes.

    `style` is OpenAPI's, and three of ours: `dottedLabel` is label as documents before 3.0.4 and 3.1.1 mean it;
    `querystring`, in a query, is the whole of it (`in: querystring` of 3.2), written by `media_type` and, where that is
    a form, `encoding`; `tabDelimited` is Swagger 2.0's. `nullable` tells that the schema permits null, in the value or
    in its members.
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
        """What is sent where a call leaves the parameter out; UNSET for nothing, as always in a path."""
        if not self.required or self.location == "path":
            return UNSET
        return self.default if self.only_value is UNSET else self.only_value


@dataclass(frozen=True, slots=True)
class Encoding:
    """
    How one property of a form or multipart body is written (OpenAPI 3.1.1 §4.8.15); None means by default.

    `headers` are those of its part. Beside the Encoding Object its schema has a say: `files` is "one" where it permits
    nothing but a file, "many" where nothing but an array of files, "any" where both; `schema_type` is the media type
    that follows from `contentMediaType` or `contentEncoding`.
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
    One entry of a `content` map: `name` is its key, as published.

    `item_schema` is that of each item of a sequence, such as lines of JSON or events (OpenAPI 3.2).
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

    `required_as` names the media types that require it, where others do not.
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
"""The status of the answer that stands for all that are not described otherwise."""


@dataclass(frozen=True, slots=True)
class ResponseDescription:
    """
    What the document says of one status: an exact code, a range (`4XX`) or `DEFAULT`.

    `headers` are read as parameters are that travel there; Content-Type is none of them.
    """

    status: str
    description: str = ""
    content: tuple[MediaType, ...] = ()
    headers: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A Server Variable Object; an empty `enum` permits any text, and a `default` of None is one that is missing."""

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
    One way to a token that an oauth2 scheme describes.

    `kind` is its key: clientCredentials, password, authorizationCode, implicit or deviceAuthorization. The URLs are
    absolute where the document's own URL is known.
    """

    kind: str
    token_url: str = ""
    refresh_url: str = ""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """
    A Security Scheme Object.

    `type` is apiKey, http, oauth2, openIdConnect or mutualTLS. `parameter` and `location` belong to apiKey, `scheme`
    (in lower case) and `spelling` (as published) to http, `flows` to oauth2, `openid_url` to openIdConnect.
    `environment` names the variable that holds the credential (`x-credential-env`).
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
"""The schemes that are needed together, each with the scopes it must have; empty where nothing is needed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One operation of a document.

    `id` is its operationId, or "METHOD /path" where it has none. `security` lists the alternatives, of
    which one must be fulfilled; None means that the document asks for nothing. `produces` are the media types of
    Swagger 2.0 for answers, also for those of which it describes no content. `unread` is what of it cannot be read,
    such as a parameter behind a reference that leads nowhere: no call of it can be validated.
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
    """Whether a member of an object can be an array: OpenAPI leaves it open, and Spring reads it so."""
    is_form = parameter.style == "form" and parameter.media_type is None
    return is_form and parameter.explode and parameter.location == "query"
