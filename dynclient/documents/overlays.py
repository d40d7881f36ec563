"""Changes to a document as it is loaded: Overlays (Overlay Specification 1.0) and JSON Merge Patches (RFC 7396)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynclient.documents.pointers import escape_token
from dynclient.errors import DocumentError, Problem
from dynclient.types import JSON


def apply(
    contents: Mapping[str, JSON], changes: Sequence[tuple[str, Mapping[str, JSON]]]
) -> tuple[dict[str, JSON], list[Problem]]:
    """
    Return a changed copy of a document, and a problem for each change that says where it was made.

    `changes` are the names and contents of overlays and merge patches, in order; an overlay has an `overlay` member.
    The Overlay Specification leaves two things open: here arrays in an update are appended to those in the target,
    and a target may be a scalar, which an update replaces (as version 1.1 says).

    Raises:
        DocumentError: a change is neither an overlay nor a patch, or cannot be made.
    """
    changed: JSON = _copy(contents)
    problems: list[Problem] = []
    for name, change in changes:
        if not isinstance(change, Mapping):
            raise DocumentError("an overlay must be an object", name)
        if "overlay" in change:
            changed, found = _overlaid(changed, name, change)
            problems += found
        else:
            changed = _patched(changed, change)
            problems += [_note("overlay", _pointer((key,)), f"changed by the merge patch {name}") for key in change]
    return changed, problems


def _overlaid(contents: JSON, name: str, overlay: Mapping[str, JSON]) -> tuple[JSON, list[Problem]]:
    if not str(overlay["overlay"]).startswith("1."):
        raise DocumentError(f"is an overlay of version {overlay['overlay']}; version 1 is known", name, "#/overlay")
    actions = overlay.get("actions")
    if not isinstance(actions, list):
        raise DocumentError("an overlay needs a list of actions", name, "#/actions")
    problems: list[Problem] = []
    for position, action in enumerate(actions):
        pointer = f"#/actions/{position}"
        if not isinstance(action, Mapping) or not isinstance(action.get("target"), str):
            raise DocumentError("an action needs a target, a JSONPath like $.info", name, pointer)
        if action.get("remove") is not True and "update" not in action:
            raise DocumentError("an action needs an update, or remove: true", name, pointer)
        places = _places(contents, action["target"], name, f"{pointer}/target")
        if not places:
            message = f"{name} {pointer} changes nothing: {action['target']} is not in the document"
            problems.append(_note("overlay-without-effect", "", message))
        if action.get("remove") is True:
            _remove(contents, places, name, pointer)
            done = "removed"
        else:
            contents = _update(contents, places, action["update"], name, pointer)
            done = "updated"
        reason = f" ({action['description']})" if isinstance(action.get("description"), str) else ""
        problems += [_note("overlay", _pointer(place), f"{done} by {name} {pointer}{reason}") for place in places]
    return contents, problems


_Place = tuple["str | int", ...]


def _places(contents: JSON, target: str, name: str, pointer: str) -> list[_Place]:
    """Where a JSONPath (RFC 9535) leads."""
    try:
        import jsonpath
    except ImportError:
        raise DocumentError("overlays need a JSONPath library: pip install 'dynclient[overlay]'", name) from None
    try:
        return list(dict.fromkeys(tuple(match.parts) for match in jsonpath.finditer(target, contents)))
    except (jsonpath.JSONPathError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise DocumentError(f"{target!r} isn't a JSONPath: {reason}", name, pointer) from error


def _remove(contents: JSON, places: Sequence[_Place], name: str, pointer: str) -> None:
    # From the end, so that the items of an array keep their positions until it is their turn.
    for place in sorted(places, key=_order, reverse=True):
        if not place:
            raise DocumentError("the whole document cannot be removed", name, pointer)
        del _at(contents, place[:-1])[place[-1]]


def _order(place: _Place) -> list[tuple[bool, str | int]]:
    """A key that compares names with positions."""
    return [(isinstance(step, int), step) for step in place]


def _update(contents: JSON, places: Sequence[_Place], update: JSON, name: str, pointer: str) -> JSON:
    for place in places:
        target = _at(contents, place)
        if isinstance(target, dict) and not isinstance(update, Mapping):
            raise DocumentError(f"{_pointer(place)} is an object, so its update must be one", name, pointer)
        updated = _merged(target, update if isinstance(update, list) or not isinstance(target, list) else [update])
        if not place:
            contents = updated
        else:
            _at(contents, place[:-1])[place[-1]] = updated
    return contents


def _merged(target: JSON, update: JSON) -> JSON:
    if isinstance(target, dict) and isinstance(update, Mapping):
        for key, value in update.items():
            target[key] = _merged(target[key], value) if key in target else _copy(value)
        return target
    if isinstance(target, list) and isinstance(update, list):
        return target + _copy(update)
    return _copy(update)


def _patched(target: JSON, patch: JSON) -> JSON:
    """RFC 7396 §2."""
    if not isinstance(patch, Mapping):
        return _copy(patch)
    patched = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            patched.pop(key, None)
        else:
            patched[key] = _patched(patched.get(key), value)
    return patched


def _at(contents: JSON, place: _Place) -> JSON:
    for step in place:
        contents = contents[step]
    return contents


def _copy(value: JSON) -> JSON:
    """A copy in which no object is shared, as YAML's aliases share them: a change must affect only one place."""
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _note(rule: str, pointer: str, message: str) -> Problem:
    return Problem("document", "", message, rule, schema_pointer=pointer)


def _pointer(place: _Place) -> str:
    return "#" + "".join(f"/{escape_token(str(step))}" for step in place)
