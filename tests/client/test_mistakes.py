"""Mistakes that people make, and what is said: what is wrong, where, why, and how to mend it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient import CallError, DynclientError, ResponseError
from dynclient.calls.options import CLIENT_OPTIONS, is_credential_option
from dynclient.mock import MockApp
from tests.conftest import Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401

SECRET = "sk-SECRET-0123456789"
TEXT: dict[str, Any] = {"type": "string"}


def operation(name: str, *parameters: dict[str, Any], body: Any = None, kind: str = "application/json") -> Any:
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "object"}, "example": {"id": 1}}}}
    made: dict[str, Any] = {"operationId": name, "parameters": [*parameters], "responses": {"200": answer}}
    return {**made, "requestBody": {"required": True, "content": {kind: {"schema": body}}}} if body else made


THING = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT, "petId": TEXT}}
FORM = {
    "type": "object",
    "properties": {"title": TEXT, "file": {"type": "string", "format": "binary"}, "note": {"type": ["string", "null"]}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": TEXT}
ON = {"name": "on", "in": "query", "schema": {"type": "boolean"}}
PET = {"name": "pet-id", "in": "query", "schema": TEXT}


def document(**schemes: dict[str, str]) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "http://api.test"}],
        "paths": {
            "/things/{id}": {
                "get": operation("getThing", ID, ON),
                "put": operation("putThing", ID, PET, body=THING),
            },
            "/forms": {"post": operation("upload", body=FORM, kind="multipart/form-data")},
            "/codes": {"post": operation("send", body=FORM, kind="application/x-www-form-urlencoded")},
        },
        "components": {"securitySchemes": schemes},
    }


BEARER = {"type": "http", "scheme": "bearer"}


def client(**options: Any) -> Any:
    return made(document(), app=MockApp(document()), **options)


def said(mistake: Callable[[], object], kind: type[Exception] = DynclientError) -> str:
    with pytest.raises(kind) as caught:
        mistake()
    return str(caught.value)


# -------------------------------------------------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "token", "access_token", "bearer", "password", "user", "credentials", "authorization", "key"],
)
def test_a_credential_that_is_given_as_an_option(name: str) -> None:
    """The document's own scheme is named, and the value is never shown."""
    text = said(lambda: made(document(Login=BEARER), **{name: SECRET}), TypeError)
    later = said(lambda: made(document(Login=BEARER)).with_options(**{name: SECRET}), TypeError)

    assert text == f"no option {name}. A credential is given by the name of its security scheme: auth={{'Login': ...}}"
    assert later == text


@pytest.mark.parametrize(
    ("schemes", "hint"),
    [
        ((), "The document has no security scheme; headers={'Authorization': ...} sends a credential anyway"),
        (
            ("a", "b"),
            "A credential is given by the name of its security scheme: auth={'a': ...}; other schemes are 'b'",
        ),
        (
            tuple("abcdefgh"),
            (
                "A credential is given by the name of its security scheme: auth={'a': ...}; "
                "other schemes are 'b', 'c', 'd', 'e', 'f', ..."
            ),
        ),
    ],
)
def test_the_schemes_that_there_are(schemes: tuple[str, ...], hint: str) -> None:
    """None, several, or more than a message has room for."""
    text = said(lambda: made(document(**dict.fromkeys(schemes, BEARER)), token=SECRET), TypeError)

    assert text == f"no option token. {hint}"


@pytest.mark.parametrize("auth", [SECRET, ("user", SECRET), [SECRET], 5])
def test_auth_that_is_no_mapping(auth: Any) -> None:
    """As in requests, where it needs no name."""
    text = said(lambda: made(document(Login=BEARER), auth=auth), TypeError)

    assert text == (
        "the option auth must be a mapping of names of security schemes to credentials: auth={'Login': ...}; "
        f"what was given is of type {type(auth).__name__}"
    )


@pytest.mark.parametrize(
    ("credential", "given"),
    [
        ("", "is empty; None sends none"),
        (5, "must be a text, not int"),
        (b"k", "must be a text, not bytes"),
    ],
)
def test_a_credential_that_is_no_text(credential: Any, given: str) -> None:
    """Often a variable that is empty, or bytes."""
    source = {**document(Login=BEARER), "security": [{"Login": []}]}

    assert said(lambda: made(source, auth={"Login": credential}).getThing(id="a"), CallError) == (
        f"getThing: the credential for Login {given}. Nothing was sent."
    )


def test_options_that_are_no_credentials() -> None:
    """Of those there are only auth is one; an unknown one that is like another is near to that."""
    assert list(filter(is_credential_option, CLIENT_OPTIONS)) == ["auth"]
    assert said(lambda: client(header={}), TypeError).startswith("no option header. Did you mean 'headers'?")
    assert said(lambda: client(cookies={}), TypeError) == (
        "no option cookies. Cookies are a header: headers={'Cookie': 'name=value'}"
    )
    assert said(lambda: client(zzz={}), TypeError).startswith("no option zzz; there are: allow_refs, app, auth")


# ------------------------------------------------------------------------------------------------------ kinds of values

NUMPY_BOOL = type("bool", (), {"__module__": "numpy", "__repr__": lambda self: "np.True_"})
TENSOR = type("Tensor", (), {"__module__": "torch", "item": lambda self: 1.5, "dtype": "float"})
ORDER = type("Order", (), {"__module__": "shop.models", "item": lambda self: 1})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NUMPY_BOOL(), "type numpy.bool cannot be written: bool(value) makes it one of Python's own types"),
        (TENSOR(), "type torch.Tensor cannot be written: value.item() makes it one of Python's own types"),
        (ORDER(), "type shop.models.Order cannot be written: give plain JSON data"),
        (object(), "type object cannot be written: give plain JSON data"),
        (len, "type builtin_function_or_method cannot be written: give plain JSON data"),
    ],
)
def test_a_value_of_a_foreign_type(value: Any, text: str) -> None:
    """Module and type: the name alone may be that of one of Python's own types."""
    assert said(lambda: client().getThing(id="a", on=value)) == (
        f"getThing: query on: a value of {text}. Nothing was sent."
    )
    assert f"body name: a value of {text}" in said(lambda: client().putThing(id="a", body={"id": "a", "name": value}))


def test_an_option_of_a_foreign_type() -> None:
    """As from a table of numpy or pandas."""
    assert said(lambda: client(raise_for_status=NUMPY_BOOL()), TypeError) == (
        "the option raise_for_status must be True or False; what was given is of type numpy.bool; "
        "bool(value) makes it one of Python's own types"
    )


@only("Client")
def test_values_of_numpy() -> None:
    """Those of the real library are written, and its own names are said."""
    numpy = pytest.importorskip("numpy")

    assert client().getThing(id="a", on=numpy.bool_(True)).status_code == 200
    assert "value.item() makes it one of Python's own types" in said(lambda: client(retries=numpy.int64(1)), TypeError)


def test_an_empty_value_in_a_path() -> None:
    """What is empty, and why that cannot be sent."""
    assert said(lambda: client().getThing(id="")) == (
        "getThing: path id: is empty, which would reach another path. Nothing was sent."
    )


# ------------------------------------------------------------------- a field of the body with the name of a parameter

HIDDEN = "The keyword id means the path parameter; give the whole body as body={'id': ..., ...}."


@pytest.mark.parametrize("arguments", [{"name": "n"}, {"body": {"name": "n"}}, {"body": {}}])
def test_a_missing_field_that_a_parameter_hides(arguments: dict[str, Any]) -> None:
    """The keyword fills the path; the message says how to fill the field."""
    problems = client().putThing.check(id="a", **arguments)

    assert f"body id: required, but not given. {HIDDEN}" in map(str, problems)
    assert [problem.hint for problem in problems if problem.name != "id"] == [""] * (len(problems) - 1)


def test_all_fields_missing() -> None:
    """Without any body, each required field is named, and the hidden one with its hint."""
    assert said(lambda: client().putThing(id="a")) == (
        "putThing: 2 problems. Nothing was sent.\n"
        f"  - body id: required, but not given. {HIDDEN}\n"
        "  - body name: required, but not given"
    )


@pytest.mark.parametrize("keyword", ["id_", "body_id", "path_id"])
def test_both_are_given(keyword: str) -> None:
    """Under a name that means neither."""
    problems = client().putThing.check(id="a", name="n", **{keyword: "b"})

    assert str(problems[0]) == f"argument {keyword}: there is no such parameter or body field. {HIDDEN}"


def test_a_field_that_no_parameter_hides() -> None:
    """It gets no such hint, in spite of a parameter that is spelled in a similar way."""
    assert client().putThing.check(id="a", body={"id": "a"})[0].hint == ""
    assert client().putThing(id="a", body={"id": "a", "name": "n"}).status_code == 200


# --------------------------------------------------------------------------------------------------- fields of a form


@pytest.mark.parametrize("name", ["upload", "send"])
@pytest.mark.parametrize("field", ["title", "note"])
@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (5, "Give '5', with quotation marks."),
        (True, "Give 'true', with quotation marks."),
        ({"a": 1}, "Give text; json.dumps(value) writes data as text."),
        (["a"], "Give text; json.dumps(value) writes data as text."),
        (b"text", "Only text fits here, not a file: give value.decode()."),
        (Path("a.txt"), "Only text fits here, not a file: give path.read_text()."),
        (io.BytesIO(b""), "Only text fits here, not a file: give its content as text."),
        (("a.txt", b"", "text/plain"), "Only text fits here, not a file: give its content as text."),
    ],
)
def test_a_part_of_text(name: str, field: str, value: Any, hint: str) -> None:
    """It says what fits, for each kind of value that does not."""
    (problem,) = client()[name].check(**{field: value})

    assert (problem.where, problem.hint) == (f"body {field}", hint)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a.txt", "text is not a file: give Path('a.txt')"),
        ({"a": 1}, "a value of type dict is not a file: give pathlib.Path(...)"),
        (5, "a value of type int is not a file: give pathlib.Path(...)"),
    ],
)
def test_a_part_that_is_a_file(value: Any, text: str) -> None:
    """Everything that is one is listed."""
    assert said(lambda: client().upload(file=value)) == (
        f'upload: body file: {text}, a file opened with "rb", bytes, or (name, content, content type). '
        "Nothing was sent."
    )


# ------------------------------------------------------------------------------------------------- a page for people


def page(title: str, kind: str = "text/html; charset=utf-8") -> Callable[..., list[bytes]]:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Type", kind)])
        return [f"<!doctype html><html><head>{title}</head><body>Hi</body></html>".encode()]

    return app


@pytest.mark.parametrize(
    ("title", "titled"),
    [
        ("<title>Sign in</title>", " titled 'Sign in'"),
        ("<title>\x1b[31mSign\r\n in \x07</title>", r" titled '\x1b[31mSign in \x07'"),
        ("<title>Sign &amp; go &#27;[2J</title>", " titled 'Sign & go [2J'"),
        (f"<title>{'a' * 500}</title>", f" titled '{'a' * 77}...'"),
        (f"<title>your key {SECRET}</title>", " titled 'your key ***'"),
        ("", ""),
    ],
)
def test_a_page_where_json_is_documented(title: str, titled: str) -> None:
    """It is said what came, and what may be wrong; the title is short, without controls and secrets."""
    text = f"got an HTML page{titled}, JSON expected; is base_url right?"
    source = {**document(Login=BEARER), "security": [{"Login": []}]}
    options = {"app": page(title), "auth": {"Login": SECRET}}

    (problem,) = made(source, **options).getThing(id="a").problems
    raised = said(lambda: made(source, validate_response="raise", **options).getThing(id="a"), ResponseError)
    taken = said(lambda: made(source, **options).getThing(id="a")["id"], TypeError)

    assert (problem.location, problem.rule, problem.code, problem.message) == (
        "response body",
        "html-page",
        "html-page",
        text,
    )
    assert problem.schema_pointer == "#/paths/~1things~1{id}/get/responses/200/content"
    assert raised == f"getThing: the answer 200 does not fit the document: response body: {text}"
    assert taken.endswith(f"isn't a JSON object or array (text/html; charset=utf-8); see its data; {text}")


@pytest.mark.parametrize("kind", ["application/xhtml+xml", "TEXT/HTML"])
def test_pages_of_other_types(kind: str) -> None:
    """By what it is."""
    (problem,) = made(document(), app=page("<title>In</title>", kind)).getThing(id="a").problems

    assert problem.rule == "html-page"


def test_what_is_no_page(loopback: Loopback) -> None:
    """Text of another kind, and a page where the document describes one."""
    loopback.says(b"plain", "text/plain")
    assert made(document(), base_url=loopback.url).getThing(id="a").problems[0].rule == "media-type-undocumented"

    source = document()
    source["paths"]["/things/{id}"]["get"]["responses"]["200"]["content"] = {"text/html": {}}
    assert made(source, app=page("")).getThing(id="a").problems == ()


# ------------------------------------------------------------------------------------------------------ other misuse


@pytest.mark.parametrize(
    ("key", "kind", "note"),
    [
        ("nmae", KeyError, "the answer 200 to getThing has 'id', 'name', '\\\\u001b[31m'. Did you mean 'name'?"),
        (0, KeyError, "the answer 200 to getThing has 'id', 'name', '\\\\u001b[31m'."),
    ],
)
def test_a_member_that_is_missing(loopback: Loopback, key: Any, kind: type[Exception], note: str) -> None:
    """The error of Python has a note with the members that there are."""
    loopback.says(b'{"id": 1, "name": "n", "\\u001b[31m": 2}')
    response = made(document(), base_url=loopback.url).getThing(id="a")

    with pytest.raises(kind) as caught:
        response[key]

    assert (caught.value.args, caught.value.__notes__) == ((key,), [note])


@pytest.mark.parametrize(("key", "kind"), [("id", TypeError), (5, IndexError)])
def test_an_item_that_is_missing(loopback: Loopback, key: Any, kind: type[Exception]) -> None:
    """The answer is a list."""
    loopback.says(b"[1, 2]")
    response = made(document(), base_url=loopback.url).getThing(id="a")

    with pytest.raises(kind) as caught:
        response[key]

    assert caught.value.__notes__ == ["the answer 200 to getThing is an array; its number of items is 2"]


def test_members_with_secret_names(loopback: Loopback) -> None:
    """A secret of the call that is the name of a member is masked, and not every name is shown."""
    loopback.says(b'{"%s": 1, %s}' % (SECRET.encode(), b", ".join(b'"m%d": 1' % n for n in range(50))))
    source = {**document(Login=BEARER), "security": [{"Login": []}]}
    response = made(source, base_url=loopback.url, auth={"Login": SECRET}).getThing(id="a")

    with pytest.raises(KeyError) as caught:
        response["x"]

    assert caught.value.__notes__[0].startswith("the answer 200 to getThing has '***', 'm0', 'm1', ")
    assert caught.value.__notes__[0].endswith("'m18' and 31 more.")


def test_a_class_in_place_of_an_application() -> None:
    """An instance is needed; a class that is itself an application, as PEP 3333 has it, works."""
    assert said(lambda: made(document(), app=MockApp), TypeError) == (
        "app must be a WSGI or ASGI application, not the class MockApp: give an instance, MockApp(...)"
    )
    assert dynclient.Client(document(), app=Iterable).getThing(id="a")["id"] == 2


class Iterable:
    """A WSGI application whose instances are the answers."""

    def __init__(self, environ: dict[str, Any], start: Callable[..., Any]) -> None:
        start("200 OK", [("Content-Type", "application/json")])

    def __iter__(self) -> Any:
        yield b'{"id": 2}'


@pytest.mark.parametrize(("until", "given"), [("done", "of type str"), ({}, "empty"), (5, "of type int")])
def test_what_until_is_not(until: Any, given: str) -> None:
    """It says what was given."""
    assert said(lambda: client().getThing.poll(id="a", until=until), TypeError) == (
        "until is a function of the answer, or names of fields with values, {'status': 'completed'}; "
        f"what was given is {given}"
    )
