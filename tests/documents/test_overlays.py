"""Overlays and merge patches: what they change, what they leave, and what is said of it."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping

import pytest

from dynclient.documents.overlays import apply
from dynclient.errors import DocumentError, Problem
from dynclient.types import JSON

DOCUMENT: dict[str, JSON] = {
    "openapi": "3.1.0",
    "info": {"title": "Test", "version": "1"},
    "paths": {
        "/a": {"get": {"operationId": "a", "tags": ["x"], "parameters": [{"name": "p"}, {"name": "q"}, {"name": "r"}]}},
        "/b~c": {"get": {"operationId": "b"}},
    },
}


def overlay(*actions: JSON, version: str = "1.0.0") -> dict[str, JSON]:
    return {"overlay": version, "info": {"title": "T", "version": "1"}, "actions": list(actions)}


def changed(*changes: Mapping[str, JSON]) -> dict[str, JSON]:
    return apply(DOCUMENT, [(f"change{number}", change) for number, change in enumerate(changes)])[0]


def noted(*changes: Mapping[str, JSON]) -> list[tuple[str, str, str]]:
    problems = apply(DOCUMENT, [(f"change{number}", change) for number, change in enumerate(changes)])[1]
    return [(problem.rule, problem.schema_pointer, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("action", "place", "expected"),
    [
        (
            {"target": "$.info", "update": {"title": "New", "x-a": 1}},
            "info",
            {"title": "New", "version": "1", "x-a": 1},
        ),
        ({"target": "$", "update": {"info": {"title": "New"}}}, "info", {"title": "New", "version": "1"}),
        ({"target": "$.info.version", "update": "2"}, "info", {"title": "Test", "version": "2"}),
        ({"target": "$.info.version", "remove": True}, "info", {"title": "Test"}),
        ({"target": "$.info", "remove": True, "update": {"a": 1}}, "info", None),
        ({"target": "$", "update": {"servers": [{"url": "/"}]}}, "servers", [{"url": "/"}]),
    ],
)
def test_updates(action: JSON, place: str, expected: JSON) -> None:
    """Objects merge, scalars are replaced, what is not there is added; `remove` wins over `update`."""
    assert changed(overlay(action)).get(place) == expected


@pytest.mark.parametrize(
    ("update", "expected"),
    [("y", ["x", "y"]), (["y", "z"], ["x", "y", "z"]), ({"a": 1}, ["x", {"a": 1}])],
)
def test_updates_of_arrays(update: JSON, expected: JSON) -> None:
    """One entry is added at the end, or several."""
    action = {"target": "$.paths['/a'].get.tags", "update": update}

    assert changed(overlay(action))["paths"]["/a"]["get"]["tags"] == expected


def test_arrays_inside_an_update() -> None:
    """They are added to those that are there."""
    action = {"target": "$.paths.*.get", "update": {"tags": ["y"]}}
    paths = changed(overlay(action))["paths"]

    assert (paths["/a"]["get"]["tags"], paths["/b~c"]["get"]["tags"]) == (["x", "y"], ["y"])


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("$.paths['/a'].get.parameters[?@.name == 'q']", ["p", "r"]),
        ("$.paths['/a'].get.parameters[2,0]", ["q"]),
        ("$.paths['/a'].get.parameters[*]", []),
        ("$..parameters[-1]", ["p", "q"]),
        ("$.paths['/a'].get.parameters[0]['name', 'name']", [None, "q", "r"]),
    ],
)
def test_removal_from_arrays(target: str, left: list[str | None]) -> None:
    """Several items of one array too."""
    parameters = changed(overlay({"target": target, "remove": True}))["paths"]["/a"]["get"]["parameters"]

    assert [parameter.get("name") for parameter in parameters] == left


def test_removal_of_what_holds_another() -> None:
    """Both are gone."""
    assert changed(overlay({"target": "$.paths['/a']..*", "remove": True}))["paths"]["/a"] == {}


def test_actions_in_order() -> None:
    """Each sees what those before it did."""
    actions = [
        {"target": "$.info", "update": {"x-a": {"b": 1}}},
        {"target": "$.info.x-a", "update": {"c": 2}},
        {"target": "$.info.x-a.b", "remove": True},
    ]

    assert changed(overlay(*actions[:2]), overlay(actions[2]))["info"]["x-a"] == {"c": 2}


def test_what_stands_twice_is_changed_once() -> None:
    """As with YAML's aliases, which are one object at two places."""
    shared = {"tags": ["x"]}
    document: dict[str, JSON] = {"a": shared, "b": shared}
    action = {"target": "$.a", "update": {"tags": ["y"], "c": 1}}

    assert apply(document, [("o", overlay(action))])[0] == {"a": {"tags": ["x", "y"], "c": 1}, "b": {"tags": ["x"]}}


def test_the_originals_stay() -> None:
    """Neither the document nor the overlay is changed, nor can they be later by what was made of them."""
    update = {"x-a": {"b": [1]}}
    before = copy.deepcopy(DOCUMENT)
    result = changed(overlay({"target": "$.paths.*", "update": update}))
    result["paths"]["/a"]["x-a"]["b"].append(2)

    assert before == DOCUMENT
    assert update == {"x-a": {"b": [1]}}
    assert result["paths"]["/b~c"]["x-a"] == {"b": [1]}


def test_merge_patch() -> None:
    """RFC 7396: null removes, arrays and scalars are replaced, objects merge."""
    patch = {"info": {"version": None, "x-a": {"b": None, "c": 1}}, "paths": {"/a": {"get": {"tags": ["y"]}}}}
    result = changed(patch)

    assert result["info"] == {"title": "Test", "x-a": {"c": 1}}
    assert result["paths"]["/a"]["get"]["tags"] == ["y"]
    assert changed({"info": [1]})["info"] == [1]
    assert changed({"openapi": {"a": 1}})["openapi"] == {"a": 1}


def test_what_is_said() -> None:
    """Where something was changed, by what and why; and what had no effect."""
    actions = [
        {"target": "$.paths.*.get", "update": {"deprecated": True}, "description": "they go"},
        {"target": "$.nothing", "remove": True},
        {"target": "$.info.title", "remove": True},
    ]

    assert noted(overlay(*actions), {"info": {"a": 1}}) == [
        ("overlay", "#/paths/~1a/get", "updated by change0 #/actions/0 (they go)"),
        ("overlay", "#/paths/~1b~0c/get", "updated by change0 #/actions/0 (they go)"),
        ("overlay-without-effect", "", "change0 #/actions/1 changes nothing: $.nothing is not in the document"),
        ("overlay", "#/info/title", "removed by change0 #/actions/2"),
        ("overlay", "#/info", "changed by the merge patch change1"),
    ]
    assert apply(DOCUMENT, [("o", {"info": 1})])[1] == [
        Problem("document", "", "changed by the merge patch o", "overlay", schema_pointer="#/info")
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([1], "o: an overlay must be an object"),
        ({"overlay": "2.0.0"}, "o #/overlay: is an overlay of version 2.0.0; version 1 is known"),
        ({"overlay": "1.0.0"}, "o #/actions: an overlay needs a list of actions"),
        (overlay("x"), "o #/actions/0: an action needs a target, a JSONPath like $.info"),
        (overlay({"target": "$.a"}), "o #/actions/0: an action needs an update, or remove: true"),
        (overlay({"target": "$", "remove": True}), "o #/actions/0: the whole document cannot be removed"),
        (
            overlay({"target": "$.info", "update": "x"}),
            "o #/actions/0: #/info is an object, so its update must be one",
        ),
        (
            overlay({"target": "$.info[", "remove": True}),
            "o #/actions/0/target: '$.info[' isn't a JSONPath: unexpected end of query",
        ),
    ],
)
def test_what_is_no_overlay(change: JSON, message: str) -> None:
    """Each fault is reported with its place in the overlay."""
    with pytest.raises(DocumentError) as caught:
        apply(DOCUMENT, [("o", change)])
    assert str(caught.value) == message


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to get it; a merge patch needs none."""
    monkeypatch.setitem(sys.modules, "jsonpath", None)
    with pytest.raises(DocumentError, match=r"pip install 'dynclient\[overlay\]'"):
        changed(overlay({"target": "$.info", "update": {}}))
    assert changed({"info": None}).keys() == {"openapi", "paths"}
