"""
What is known to be wrong with published documents, and what is done about each.

Every fault that is worked around has a rule; `Document.note` records where it was met, `dynclient check` prints it all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A fault of documents in a sentence, and what is done about it.

    What is no fault is a convention: the document may say so, and is read otherwise than the specification has it.
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
        "duplicate-key": Rule("A key stands twice in one object.", "The last one counts."),
        "method-unfit": Rule(
            "An additional operation has a method that is none, or that has a place of its own.", "It is left out."
        ),
        "non-finite": Rule(
            "A number is infinite or none, which JSON cannot write.",
            "It is read; as the limit of a schema it is left out.",
        ),
        "operation-id-repeated": Rule(
            "Several operations have one operationId.", "Each is reached by its method and path; the id names a choice."
        ),
        "operation-shape": Rule("A path item or an operation is no object.", "It is left out."),
        "operation-unreadable": Rule(
            "An operation needs what cannot be read.", "Its calls are refused where they are validated."
        ),
        "overlay": Rule("An overlay or a merge patch changed the document.", "The change was made.", is_fault=False),
        "overlay-without-effect": Rule("What an overlay is to change is not there.", "Nothing was changed."),
        "reference-misplaced": Rule(
            "A reference leads nowhere but by a reading relative to the schema around it.", "It is read so."
        ),
        "reference-missing": Rule(
            "A reference leads nowhere, or where it must not.", "What refers there permits nothing, or is left out."
        ),
        "security-scheme-incomplete": Rule(
            "A security scheme does not say what it is, or where its key goes.",
            "A call with a credential for it is refused, others are made.",
        ),
        "security-scheme-unknown": Rule(
            "A security requirement names a scheme that the document does not have.",
            "There is no credential for it; a call is made without, or with another alternative.",
        ),
        "security-shape": Rule(
            "Security requirements are no list of mappings.", "They are read as they must be meant, never as none."
        ),
        "server-url": Rule("The URL of a server is none.", "The mock server takes it for one without a path."),
        "server-variable-default": Rule(
            "The default of a server variable is not among its permitted values.", "The default is used."
        ),
        "server-without-url": Rule("A server has no URL.", "It is left out."),
        "shape": Rule("A part of the document is no object, or no list, where it must be one.", "It is left out."),
        # Paths.
        "path-characters": Rule("A path holds what no URL can, such as spaces.", "It is sent percent-encoded."),
        "path-dots": Rule(
            "A path has a segment of dots, which URLs do without.", "It cannot be called; all others can."
        ),
        "path-fragment": Rule("A path holds a fragment.", "It is not sent; operations that differ in it have one URL."),
        "path-name-repeated": Rule("A path names one parameter twice.", "Its value stands in both places."),
        "path-query": Rule("A path holds a query string.", "It is sent, before the query parameters."),
        "path-template-repeated": Rule(
            "Two paths differ in the names of their parameters alone.", "Both are called as they are described."
        ),
        "path-without-slash": Rule("A path does not begin with a slash.", "One is put before it."),
        # Parameters.
        "array-in-object": Rule(
            "An object in a query has its keys as names, and a member that is an array, of which OpenAPI says nothing.",
            "The key is sent once for each item, as Spring reads it.",
            is_fault=False,
        ),
        "collection-format": Rule("A collectionFormat does not exist, or not for that location.", "It is read as csv."),
        "header-ignored": Rule(
            "A header parameter is called Accept, Authorization or Content-Type, which OpenAPI 3 ignores.",
            "It is left out: such a header is given by headers=, and a credential by auth=.",
            is_fault=False,
        ),
        "header-name": Rule(
            "The name of a header parameter holds what no header can.", "A call that gives it a value is refused."
        ),
        "parameter-default": Rule(
            "A required parameter in a query, header or cookie has a default.",
            "The default is sent where a call leaves the parameter out.",
            is_fault=False,
        ),
        "parameter-incomplete": Rule("A parameter has no name, or no location that exists.", "It is left out."),
        "parameter-optional": Rule("A path parameter is not marked as required.", "It is required."),
        "parameter-repeated": Rule("An operation declares a parameter twice.", "The last one counts."),
        "parameter-schema": Rule(
            "A parameter has keywords of a schema beside its name, and no schema.", "They are taken for its schema."
        ),
        "parameter-undeclared": Rule(
            "A path names a parameter that is not described.", "It is required; any text will do."
        ),
        "parameter-without-place": Rule("A path parameter has no place in its path.", "It is left out."),
        "parameter-without-schema": Rule(
            "A parameter has neither a schema nor a media type.", "Any value is accepted."
        ),
        "querystring-not-alone": Rule(
            "A parameter for the whole query stands beside others for parts of it.", "They are joined."
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
        "media-type-name": Rule("The name of a media type is none.", "It is kept as it is."),
        "response-status": Rule(
            "An answer is described for what is no status.", "4xx is read as 4XX; others describe no answer."
        ),
        "responses-missing": Rule("An operation describes no answers, as OpenAPI 3.0 asks.", "Any answer is accepted."),
        # Schemas.
        "closed-members": Rule(
            "An object permits no other fields, and what is joined with it, as by `allOf`, has some.",
            "The fields of both are permitted, and no others.",
        ),
        "default-unfit": Rule(
            "A default does not fit its own schema.",
            "It matters only where it is sent: for a required parameter that a call leaves out, which is then refused.",
        ),
        "discriminator-mapping": Rule(
            "A discriminator maps a value to a schema that does not exist.", "That value chooses no schema."
        ),
        "discriminator-idle": Rule(
            "No definition extends one with a discriminator of Swagger 2.0, or its values name none that does.",
            "It decides nothing.",
            is_fault=False,
        ),
        "enum-of-items": Rule(
            "An array lists permitted values that are no arrays.", "They are the permitted values of its items."
        ),
        "enum-unfit": Rule(
            "A permitted value breaks a keyword beside it, such as the type.",
            "The list counts; so do numbers that it has as texts, and texts that it has as numbers.",
        ),
        "example-unfit": Rule("An example does not fit its schema.", "It is never offered."),
        "format-unfit": Rule(
            "A format permits nothing that the length, the limit or the pattern beside it does.",
            "The format is not checked.",
        ),
        "items-list": Rule("`items` is a list, as in older drafts of JSON Schema.", "It is read as `prefixItems`."),
        "items-missing": Rule("An array does not say what it holds, as OpenAPI 3.0 asks.", "It may hold anything."),
        "keyword-from-30": Rule(
            "A keyword is written as in OpenAPI 3.0, in a later document.", "It means what it meant in 3.0."
        ),
        "keyword-from-31": Rule(
            "A keyword is one of OpenAPI 3.1, in a document of an older version.", "It means what it means in 3.1."
        ),
        "keyword-value": Rule("The value of a keyword is none that it can have.", "The keyword is left out."),
        "limits-crossed": Rule("A lower limit is above the upper one.", "Neither is checked."),
        "pattern-delimited": Rule(
            "A pattern is written between slashes, with flags behind, as in other languages.",
            "What stands between them is the pattern; the flags i, m and s count.",
        ),
        "pattern-slow": Rule(
            "A pattern refers to its groups, or nests them, so that it can take longer than anyone waits.",
            "Only texts of a few characters are held to it.",
        ),
        "pattern-unsupported": Rule("A pattern is no regular expression that can be run.", "It is not checked."),
        "reference-siblings": Rule(
            "Keywords stand beside a reference, where OpenAPI 3.0 ignores them.", "They are ignored."
        ),
        "required-unknown": Rule(
            "An object requires a field that it does not have, and permits no others.", "It may be given or left out."
        ),
        "schema-deep": Rule(
            "A schema is nested more deeply than Python can follow.",
            "A call that needs it is refused; others are made.",
        ),
        "schema-shape": Rule("A schema is no object.", "Anything is accepted."),
        "type-unfit": Rule(
            "The type rules out what `allOf`, `anyOf` or `oneOf` beside it ask for.", "Their types are accepted, too."
        ),
        "type-unknown": Rule(
            "A type does not exist.", "It is left out; where it is the only one, any type is accepted."
        ),
        "value-repeated": Rule("`required` or `enum` says a thing twice.", "Once is enough."),
    }
)
"""Every rule by its id."""


ANSWER_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "body-missing": Rule(
            "There is no content where the document or the Content-Type names one.", "`data` is None."
        ),
        "body-unexpected": Rule("There is content where the status permits none.", "It is read."),
        "charset-wrong": Rule("The content is not in the charset that it says.", "It is read as far as that goes."),
        "duplicate-key": Rule("A name stands twice in a JSON object (of up to 64 KiB).", "The last one counts."),
        "header-missing": Rule("A header that the document requires is not there.", "Nothing is done."),
        "json-invalid": Rule("The content calls itself JSON and is none.", "`data` is its text."),
        "json-nan": Rule("NaN or Infinity stands in JSON.", "It is read as that float."),
        "media-type-missing": Rule("The content has no Content-Type.", "`data` is its bytes."),
        "media-type-undocumented": Rule(
            "The Content-Type is none of those that the document has for the status.",
            "`data` is by the Content-Type that came, and no schema is applied.",
        ),
        "not-judged": Rule("The answer could not be validated; it may be nested too deeply.", "`data` is read."),
        "number-too-long": Rule("An integer in JSON has more digits than Python reads.", "`data` is the text."),
        "status-undocumented": Rule("The document has nothing for the status.", "No schema is applied."),
        "surrogate-lone": Rule("A text in JSON holds half a surrogate pair.", "It is read as it came."),
        "too-deep": Rule("The JSON is nested too deeply to be read.", "`data` is its text."),
    }
)
"""What can be wrong with an answer, beside its values: their rules are the keywords of the schema."""
