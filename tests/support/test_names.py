"""How names are spelled in Python, and which known name an unknown one is near to."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import example, given, strategies

from dynclient.support.names import argument_name, as_python_reads, dotted, near, route_name, snake_case

NAMES = strategies.text() | strategies.from_regex(r"\A[A-Za-z0-9_\-/.{}\[\] ]+\Z")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("createRun", "create_run"),
        ("listHTTPRoutes", "list_http_routes"),
        ("GetV2Item", "get_v2_item"),
        ("admin-api-keys-list", "admin_api_keys_list"),
        ("repos/list forks.all", "repos_list_forks_all"),
        ("already_snake", "already_snake"),
        ("a:_b - c", "a_b_c"),
        ("__private__", "private"),
        ("2faEnable", "n2fa_enable"),
        ("class", "class_"),
        ("None", "none"),
        ("ﬁle", "file"),
        ("naïveÉtat", "naïveétat"),
        ("ユーザー", "ユーザー"),
        ("", ""),
        ("$$", ""),
        ("𐄇", ""),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    """Words are told apart by case and by what is no letter; what Python cannot say is made sayable."""
    assert snake_case(name) == expected


@given(NAMES)
@example("İx")
def test_snake_case_is_a_public_identifier_or_nothing(name: str) -> None:
    """Never a keyword, never private, and spelled as Python itself would read it (NFKC)."""
    spelled = snake_case(name)

    assert spelled == "" or (
        spelled.isidentifier()
        and not keyword.iskeyword(spelled)
        and not spelled.startswith("_")
        and unicodedata.normalize("NFKC", spelled) == spelled
    )


@given(NAMES)
@example("İx")
@example("import")
@example("0:_0")
def test_snake_case_of_snake_case_is_itself(name: str) -> None:
    """A spelling can be spelled."""
    assert snake_case(snake_case(name)) == snake_case(name)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/pets", "get_pets"),
        ("GET", "/pets/{petId}", "get_pets_by_pet_id"),
        ("DELETE", "/pets/{petId}/toys/{toyId}", "delete_pets_by_pet_id_toys_by_toy_id"),
        ("GET", "/repos/{owner}/{repo}", "get_repos_by_owner_by_repo"),
        ("POST", "/v1/user-groups.json", "post_v1_user_groups_json"),
        ("GET", "/report(from={a},to={b})", "get_report_from_by_a_to_by_b"),
        ("POST", "/responses?beta=true", "post_responses_beta_true"),
        ("PUT", "/files#copy", "put_files_copy"),
        ("get", "/", "get_root"),
        ("GET", "", "get_root"),
        ("GET", "/$$", "get_root"),
        ("M-SEARCH", "/", "m_search_root"),
        ("GET", "/{}", "get_by"),
        ("GET", "/{ü}/ﬁle", "get_by_ü_file"),
    ],
)
def test_route_name(method: str, path: str, expected: str) -> None:
    """Method, path, and `by` before each parameter."""
    assert route_name(method, path) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("ﬁle", "file"), ("file", "file"), ("µ", "μ"), ("Å", "Å"), ("x²", "x2")]
)
def test_names_as_python_reads_them(name: str, expected: str) -> None:
    """As its own source would have them."""
    assert as_python_reads(name) == expected
    assert not name.isidentifier() or compile(f"a.{name}", "", "eval").co_names == ("a", expected)


@given(NAMES)
def test_argument_names_can_be_written(name: str) -> None:
    """A keyword argument that Python can write, or none at all."""
    spelled = argument_name(name)

    assert spelled == "" or (spelled.isidentifier() and not keyword.iskeyword(spelled))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("threadId", "threadId"), ("from", "from_"), ("include[]", "include"), ("_x", "_x"), ("X-Id", "x_id")],
)
def test_argument_name(name: str, expected: str) -> None:
    """A parameter's own name where it will do."""
    assert argument_name(name) == expected


@pytest.mark.parametrize(
    ("asked", "known", "expected"),
    [
        ("create_run", ["createRun", "getRun"], ["createRun", "getRun"]),
        ("LIMIT", ["limit", "offset"], ["limit"]),
        ("xyz", ["limit", "offset"], []),
        ("limit", [], []),
        ("a_b", ["aB", "A-b", "ab", "a.b"], ["aB", "A-b", "ab"]),
    ],
)
def test_near(asked: str, known: list[str], expected: list[str]) -> None:
    """Best first; case and underscores count for little; no more than three."""
    assert near(asked, known) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        ([0], "[0]"),
        (["a", 0, "b", 1], "a[0].b[1]"),
        ([0, 1, "a"], "[0][1].a"),
        ([".x"], '[".x"]'),
        (["a", "b c", "\n"], 'a["b c"]["\\n"]'),
    ],
)
def test_dotted(path: list[str | int], expected: str) -> None:
    """Fields by a dot, items by brackets."""
    assert dotted(path) == expected
