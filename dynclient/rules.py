"""
What is known to be wrong with published documents, and what is done about each.

Every fault that dynclient works around has a rule. `Document.note` records where it was found; `dynclient check` prints
them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A fault of documents in a sentence, and what is done about it.

    A rule without `is_fault` is a convention: the document may say so, and dynclient reads it in another way than the
    specification does.
    """

    wrong: str
    done: str
    is_fault: bool = True


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # The document as a whole.
        "credential-env": Rule(
            "`x-credential-env` names no variable, or stands in a document from a URL, which may not choose one.",
            "It is not read.",
        ),
        "duplicate-key": Rule("An object has the same key twice.", "The last one counts."),
        "method-unfit": Rule(
            "An additional operation has an invalid method, or one with a field of its own.", "It is left out."
        ),
        "non-finite": Rule(
            "A number is infinite or NaN, which JSON cannot write.",
            "It is read; a limit of a schema with this value is ignored.",
        ),
        "operation-id-repeated": Rule(
            "Several operations have one operationId.",
            "Each can be called by its method and path; the error for the id lists them.",
        ),
        "operation-shape": Rule("A path item or an operation isn't an object.", "It is left out."),
        "operation-unreadable": Rule(
            "An operation needs a part of the document that cannot be read.",
            "Its calls are refused where they are validated.",
        ),
        "overlay": Rule("An overlay or a merge patch changed the document.", "The change was made.", is_fault=False),
        "overlay-without-effect": Rule(
            "The place that an overlay should change does not exist.",
            "Nothing was changed.",
        ),
        "reference-misplaced": Rule(
            "A reference leads nowhere, unless it is read relative to the schema around it.", "It is read so."
        ),
        "reference-missing": Rule(
            "A reference leads nowhere, or where it must not.", "Whatever refers to it permits nothing, or is ignored."
        ),
        "security-scheme-incomplete": Rule(
            "A security scheme does not say what it is, or where its key goes.",
            "A call with a credential for it is refused; others are made.",
        ),
        "security-scheme-unknown": Rule(
            "A security requirement names a scheme that the document does not have.",
            "It needs no credential: a call is made without one, or with another alternative.",
        ),
        "security-shape": Rule(
            "Security requirements aren't a list of mappings.",
            "They are read as they were probably meant, and never as no security.",
        ),
        "server-url": Rule("The URL of a server is invalid.", "The mock server treats it as a URL without a path."),
        "server-variable-default": Rule(
            "The default of a server variable is not among its permitted values.", "The default is used."
        ),
        "server-without-url": Rule("A server has no URL.", "It is left out."),
        "shape": Rule("A part of the document isn't the object or list that it must be.", "It is left out."),
        # Paths.
        "path-characters": Rule(
            "A path contains characters that a URL cannot, such as spaces.",
            "It is sent percent-encoded.",
        ),
        "path-dots": Rule("A path has a segment of dots, which URLs drop.", "It cannot be called; all others can."),
        "path-fragment": Rule("A path holds a fragment.", "It is not sent; operations that differ in it have one URL."),
        "path-name-repeated": Rule("A path names a parameter twice.", "Its value is written in both places."),
        "path-query": Rule("A path holds a query string.", "It is sent, before the query parameters."),
        "path-template-repeated": Rule(
            "Two paths differ only in the names of their parameters.", "Both can be called as described."
        ),
        "path-without-slash": Rule("A path does not begin with a slash.", "One is put before it."),
        # Parameters.
        "array-in-object": Rule(
            "An object in a query, written with its keys as names, has an array as a member; OpenAPI does not say how.",
            "The key is sent once for each item, as Spring reads it.",
            is_fault=False,
        ),
        "collection-format": Rule("A collectionFormat does not exist, or not for that location.", "It is read as csv."),
        "header-ignored": Rule(
            "A header parameter is named Accept, Authorization or Content-Type, which OpenAPI 3 ignores.",
            "It is ignored: give such a header by headers=, and a credential by auth=.",
            is_fault=False,
        ),
        "header-name": Rule(
            "The name of a header parameter has characters that a header name cannot have.",
            "A call that gives it a value is refused.",
        ),
        "parameter-default": Rule(
            "A required parameter in a query, header or cookie has a default.",
            "The default is sent where a call leaves the parameter out.",
            is_fault=False,
        ),
        "parameter-incomplete": Rule("A parameter has no name, or no valid location.", "It is left out."),
        "parameter-optional": Rule("A path parameter is not marked as required.", "It is required."),
        "parameter-repeated": Rule("An operation declares a parameter twice.", "The last one counts."),
        "parameter-schema": Rule(
            "A parameter has keywords of a schema, but no schema.", "They are used as its schema."
        ),
        "parameter-undeclared": Rule(
            "A path names a parameter that is not described.", "It is required; any text is accepted."
        ),
        "parameter-without-place": Rule("A path parameter does not occur in its path.", "It is left out."),
        "parameter-without-schema": Rule(
            "A parameter has neither a schema nor a media type.", "Any value is accepted."
        ),
        "querystring-not-alone": Rule(
            "A parameter for the whole query is declared beside parameters for parts of it.", "They are joined."
        ),
        "style-missing": Rule(
            "An object in a query has no style, and form would not tell what its keys belong to.",
            "It is written name[key]=value, as deepObject.",
            is_fault=False,
        ),
        "style-unknown": Rule("A style does not exist, or not for that location.", "The location's default is used."),
        # Bodies and answers.
        "body-and-form": Rule("An operation of Swagger 2.0 has a body and a form.", "The body is used."),
        "body-repeated": Rule("An operation of Swagger 2.0 has several bodies.", "The last one is used."),
        "body-without-content": Rule("A request body names no media type.", "A call that gives a body is refused."),
        "media-type-name": Rule("A media type has an invalid name.", "It is kept as it is."),
        "response-status": Rule(
            "An answer is described for an invalid status.", "4xx is read as 4XX; others are ignored."
        ),
        "responses-missing": Rule(
            "An operation describes no answers, though OpenAPI 3.0 requires some.",
            "Any answer is accepted.",
        ),
        # Schemas.
        "closed-members": Rule(
            "An object permits no other fields, but a schema that is joined with it, such as by `allOf`, has some.",
            "The fields of both are permitted, and no others.",
        ),
        "default-unfit": Rule(
            "A default does not fit its own schema.",
            "It matters only where it is sent, for a required parameter that a call leaves out: that call is refused.",
        ),
        "discriminator-mapping": Rule(
            "A discriminator maps a value to a schema that does not exist.", "That value selects no schema."
        ),
        "discriminator-idle": Rule(
            "No definition extends the one with the discriminator (Swagger 2.0), or its values name none.",
            "It decides nothing.",
            is_fault=False,
        ),
        "enum-of-items": Rule(
            "An array lists permitted values that aren't arrays.", "They are read as the permitted values of its items."
        ),
        "enum-unfit": Rule(
            "A permitted value breaks a keyword beside it, such as the type.",
            "The list wins; numbers listed as texts, and texts listed as numbers, are accepted too.",
        ),
        "example-unfit": Rule("An example does not fit its schema.", "It is never offered."),
        "format-unfit": Rule(
            "A format contradicts the length, limit or pattern beside it: no value fits both.",
            "The format is not checked.",
        ),
        "items-list": Rule("`items` is a list, as in older drafts of JSON Schema.", "It is read as `prefixItems`."),
        "items-missing": Rule(
            "An array does not say what its items are, as OpenAPI 3.0 requires.",
            "It may hold anything.",
        ),
        "keyword-from-30": Rule(
            "A keyword of OpenAPI 3.0 is used in a document of a later version.", "It means what it meant in 3.0."
        ),
        "keyword-from-31": Rule(
            "A keyword of OpenAPI 3.1 is used in a document of an older version.", "It means what it means in 3.1."
        ),
        "keyword-value": Rule("A keyword has an invalid value.", "The keyword is left out."),
        "limits-crossed": Rule("A lower limit is above the upper limit.", "Neither is checked."),
        "pattern-delimited": Rule(
            "A pattern is written between slashes, with flags after it, as in JavaScript.",
            "The text between them is the pattern; the flags i, m and s are respected.",
        ),
        "pattern-slow": Rule(
            "A pattern refers to its groups, or nests them, so that matching can take nearly forever.",
            "Only short texts are matched with it.",
        ),
        "pattern-unsupported": Rule("A pattern isn't a regular expression that can be run.", "It is not checked."),
        "reference-siblings": Rule(
            "A reference has other keywords beside it, which OpenAPI 3.0 ignores.", "They are ignored."
        ),
        "required-unknown": Rule(
            "An object requires a field that it does not declare, and permits no others.",
            "It may be given or left out.",
        ),
        "schema-deep": Rule(
            "A schema is nested more deeply than Python can follow.",
            "A call that needs it is refused; others are made.",
        ),
        "schema-shape": Rule("A schema isn't an object.", "Anything is accepted."),
        "type-unfit": Rule(
            "The type contradicts the `allOf`, `anyOf` or `oneOf` beside it.", "Their types are accepted too."
        ),
        "type-unknown": Rule("A type does not exist.", "It is ignored; if it is the only one, any type is accepted."),
        "value-repeated": Rule("`required` or `enum` lists a value twice.", "Once is enough."),
    }
)
"""Every rule by its id."""


ANSWER_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "body-missing": Rule(
            "The answer is empty, though the document or the Content-Type promises content.", "`data` is None."
        ),
        "body-unexpected": Rule("The answer has content, though its status permits none.", "It is read."),
        "charset-wrong": Rule(
            "The content is not in the charset that the Content-Type names.",
            "It is read as far as possible.",
        ),
        "duplicate-key": Rule("A JSON object (of up to 64 KiB) has a name twice.", "The last one counts."),
        "html-page": Rule("The answer is an HTML page, and the document promises JSON.", "`data` is its text."),
        "header-missing": Rule("A header that the document requires is missing.", "Nothing is done."),
        "json-invalid": Rule("The content isn't JSON, though the Content-Type says so.", "`data` is its text."),
        "json-nan": Rule("JSON contains NaN or Infinity.", "It is read as that float."),
        "media-type-missing": Rule("The content has no Content-Type.", "`data` is its bytes."),
        "media-type-undocumented": Rule(
            "The document does not list this Content-Type for the status.",
            "`data` is read by the Content-Type that came; no schema is applied.",
        ),
        "not-judged": Rule("The answer could not be validated; it may be nested too deeply.", "`data` is read."),
        "number-too-long": Rule("An integer in JSON has more digits than Python reads.", "`data` is the text."),
        "status-undocumented": Rule("The document does not describe this status.", "No schema is applied."),
        "surrogate-lone": Rule("A text in JSON contains half a surrogate pair.", "It is read as it came."),
        "too-deep": Rule("The JSON or XML is nested too deeply to be read.", "`data` is its text."),
        "xml-invalid": Rule(
            "The content isn't XML, though the Content-Type says so, or it has a document type.", "`data` is its text."
        ),
        "xml-root": Rule("The root of the XML is another one than the document describes.", "`data` is its text."),
    }
)
"""What can be wrong with an answer as a whole; the rules for its values are the keywords of the schema."""
