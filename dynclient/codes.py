"""
The codes of problems: what each means, an example of the fault, the same corrected, and what to do.

A code says what is wrong in the caller's terms, however the document says it: a value that is not permitted may break
`enum`, `const` or a union of them, and has one code. Faults of a document, and of an answer as a whole, use their rule
as the code; see `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dynclient.rules import ANSWER_RULES, RULES


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, a value or call that has the problem, the same corrected, and how to correct it."""

    meaning: str
    wrong: str
    right: str
    mend: str


OTHER = "value-refused"
"""The code for whatever has no code of its own."""

CODES: Mapping[str, Code] = MappingProxyType(
    {
        # Arguments.
        "argument-ambiguous": Code(
            "Several parameters have this name, in different locations.",
            'client.getPet(id="p1")',
            'client.getPet(path_id="p1")',
            "Put the location before the name: the problem lists the choices.",
        ),
        "argument-unknown": Code(
            "An argument is neither a parameter nor a field of the body, or the operation takes no body.",
            "client.listRuns(limt=5)",
            "client.listRuns(limit=5)",
            "Use a name that the operation has: help(client.listRuns) lists them. Options go into with_options(...).",
        ),
        "value-missing": Code(
            "A parameter, the body, or a field of an object is required and was not given.",
            'body={"model": "gpt-4o"}',
            'body={"model": "gpt-4o", "messages": [...]}',
            "Give it a value; the problem's schema_pointer leads to its schema.",
        ),
        "value-unwritable": Code(
            "A value cannot be written in its place: a file in JSON, a line break in a header, `..` in a path.",
            'client.getThread(thread_id="..")',
            'client.getThread(thread_id="thread_abc123")',
            "Give what the problem asks for.",
        ),
        # Objects.
        "field-name": Code(
            "The object may not have a field of this name.",
            '{"Not A Name": 1} where names match ^[a-z_]+$',
            '{"not_a_name": 1}',
            "Rename the field.",
        ),
        "field-unknown": Code(
            "An object has a field that its schema does not name, and the schema permits no others.",
            '{"limt": 5}',
            '{"limit": 5}',
            "Correct the name, or leave the field out.",
        ),
        "fields-too-few": Code("An object has too few fields.", "{}", '{"a": 1}', "Add fields."),
        "fields-too-many": Code(
            "An object has too many fields.",
            '{"a": 1, "b": 2} where 1 is permitted',
            '{"a": 1}',
            "Leave fields out.",
        ),
        # Arrays.
        "item-missing": Code(
            "An array must contain an item of a certain kind, and has none or too few.",
            '["b"] where one item must be "a"',
            '["b", "a"]',
            "Add such an item.",
        ),
        "items-repeated": Code("The items of an array must differ.", "[1, 2, 1]", "[1, 2]", "Leave repetitions out."),
        "items-too-few": Code("An array has too few items.", "messages=[]", "messages=[{...}]", "Add items."),
        "items-too-many": Code(
            "An array has too many items, or too many of a certain kind.",
            'stop=["a", "b", "c", "d", "e"] where 4 are permitted',
            'stop=["a", "b", "c", "d"]',
            "Leave items out, or make several calls.",
        ),
        # Values.
        "value-not-permitted": Code(
            "A value isn't one of those permitted.",
            'order="up" where "asc" and "desc" are permitted',
            'order="asc"',
            "Use one of the values that the problem lists; they are case-sensitive.",
        ),
        "value-ruled-out": Code(
            "The document forbids this value (`not`, or a schema that permits nothing).",
            '"admin" where {"not": {"const": "admin"}} stands',
            '"user"',
            "Use another value, or leave it out.",
        ),
        "value-too-large": Code(
            "A number is above its maximum, or not below its exclusive maximum.",
            "limit=500 where 100 is the maximum",
            "limit=100",
            "Use a number in the range that the problem gives.",
        ),
        "value-too-small": Code(
            "A number is below its minimum, or not above its exclusive minimum.",
            "limit=0 where 1 is the minimum",
            "limit=1",
            "Use a number in the range that the problem gives.",
        ),
        "value-multiple": Code(
            "A number isn't a multiple of the one in the document.",
            "size=7 where multiples of 5 are permitted",
            "size=10",
            "Round the number.",
        ),
        "value-type": Code(
            "A value has another type than the document asks for.",
            'limit="5" where an integer is asked for',
            "limit=5",
            "Give a value of that type: numbers and booleans without quotation marks, one item as a list of one.",
        ),
        OTHER: Code(
            "The document refuses this value by a rule that has no code of its own.",
            "",
            "",
            "Look at the document where the problem's schema_pointer leads.",
        ),
        # Texts.
        "text-format": Code(
            "A text or number does not have the format that the document names.",
            'created="yesterday" where a date-time is asked for',
            'created="2026-01-31T12:00:00Z"',
            "Write it in that format; Python's dates, datetimes and UUIDs are written correctly for you.",
        ),
        "text-pattern": Code(
            "A text does not match the pattern (a regular expression) that the document gives.",
            'code="ab" where ^[A-Z]{2}$ is asked for',
            'code="AB"',
            "Correct the text, or use the example that the problem gives.",
        ),
        "text-too-long": Code(
            "A text is too long.",
            '"abc" where 2 characters are permitted',
            '"ab"',
            "Shorten it.",
        ),
        "text-too-short": Code("A text is too short.", '""', '"a"', "Lengthen it, or leave it out."),
        # Unions.
        "shape-missing": Code(
            "A value may have one of several shapes, and the field that selects the shape is missing.",
            '{"function": {...}}',
            '{"type": "function", "function": {...}}',
            "Add the field with one of the values that the problem lists.",
        ),
        "shape-none": Code(
            "A value fits none of the permitted shapes.",
            'response_format="json" where objects are asked for',
            'response_format={"type": "json_object"}',
            "Give a value of one of the types and shapes that the problem lists.",
        ),
        "shape-several": Code(
            "A value fits several shapes, and must fit exactly one.",
            '{"email": "me@example.com", "phone": "555"} where one of the two is asked for',
            '{"email": "me@example.com"}',
            "Leave out what the other shapes require.",
        ),
        "shape-unknown": Code(
            "A value may have one of several shapes, and the field that says which one names none of them.",
            '{"type": "functon"}',
            '{"type": "function", "function": {...}}',
            "Take one of the values that the problem lists.",
        ),
        # What is met elsewhere.
        "body-unreadable": Code(
            "The mock server received a body that isn't of the media type in its Content-Type header.",
            'Content-Type: application/json, and the body {"a": ',
            'Content-Type: application/json, and the body {"a": 1}',
            "Send a body of that type, or send the right Content-Type.",
        ),
        "strict-gave-up": Code(
            "The strict validator crashed on a document (`dynclient check --strict`).",
            "",
            "",
            "Problems found before the crash are listed. dynclient itself does not need this validator.",
        ),
    }
)
"""Every code of a call by its name."""

# The code for a broken rule: a keyword of JSON Schema, or a word of our own. For a rule that can be broken in several
# ways, the code of the usual one.
_OF_RULES = {
    "additionalProperties": "field-unknown",
    "ambiguous": "argument-ambiguous",
    "anyOf": "shape-none",
    "const": "value-not-permitted",
    "contains": "item-missing",
    "dependentRequired": "value-missing",
    "enum": "value-not-permitted",
    "exclusiveMaximum": "value-too-large",
    "exclusiveMinimum": "value-too-small",
    "format": "text-format",
    "gave-up": "strict-gave-up",
    "items": "items-too-many",
    "maxContains": "items-too-many",
    "maxItems": "items-too-many",
    "maxLength": "text-too-long",
    "maxProperties": "fields-too-many",
    "maximum": "value-too-large",
    "minContains": "item-missing",
    "minItems": "items-too-few",
    "minLength": "text-too-short",
    "minProperties": "fields-too-few",
    "minimum": "value-too-small",
    "missing": "value-missing",
    "multipleOf": "value-multiple",
    "not": "value-ruled-out",
    "oneOf": "shape-none",
    "pattern": "text-pattern",
    "required": "value-missing",
    "type": "value-type",
    "unevaluatedItems": "items-too-many",
    "unevaluatedProperties": "field-unknown",
    "uniqueItems": "items-repeated",
    "unknown": "argument-unknown",
    "unreadable": "body-unreadable",
    "value": "value-unwritable",
}


def code_of(rule: str) -> str:
    """
    The code for a broken rule; a rule of documents or of answers is its own code.

    >>> code_of("maximum"), code_of("items-missing"), code_of("a new keyword")
    ('value-too-large', 'items-missing', 'value-refused')
    """
    return _OF_RULES.get(rule) or (rule if rule in RULES or rule in ANSWER_RULES else OTHER)
