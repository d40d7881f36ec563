"""`dynclient api ...`: APIs by name, added, shown, refreshed and removed."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from dynclient.cli import apis
from dynclient.cli.documents import read_document
from dynclient.cli.output import ItemError, say, show_json
from dynclient.documents import bundled
from dynclient.openapi import read_security_schemes
from dynclient.support import printable

_SOURCES = ("env:", "keyring:", "cmd:")


def add(
    name: str,
    spec: str | None,
    profile: str | None,
    base_url: str | None,
    headers: Sequence[str],
    auth: Sequence[str],
    complete_ids: bool,
    commands: Collection[str],
) -> None:
    """
    Give a document a name, or an API a profile.

    Raises:
        ItemError: the name is taken or cannot be one, or a setting is wrong.
        DocumentError: the document cannot be read.
    """
    known = apis.read_apis()
    settings = apis.Settings(base_url or "", _pairs(headers, ":", "--header"), _auth(auth))
    if profile is not None:
        api = _known(name, known)
        if spec is not None:
            raise ItemError("a profile has the document of its API; give no SPEC")
        _check_schemes(settings.auth, api.spec)
        apis.change(name, apis.table(replace(api, profiles={**api.profiles, profile: settings})))
        say(f"{name} has the profile {profile}: dynclient {name} OPERATION --profile {profile}")
        return
    _check_name(name, known, commands)
    if spec is None:
        raise ItemError("write dynclient api add NAME SPEC")
    if os.path.exists(spec):
        spec = str(Path(spec).resolve())
    document = read_document(spec)
    _check_schemes(settings.auth, spec)
    apis.change(
        name, apis.table(apis.Api(name, spec, tuple(apis.origins_of(document)), settings, complete_ids=complete_ids))
    )
    say(f"{name} is {document.title!r}. Its operations: dynclient {name}")


def show(name: str) -> None:
    """Print what is known of an API as JSON; sources of credentials are no credentials."""
    show_json(apis.table(_known(name, apis.read_apis())))


def list_all() -> None:
    """A line for each API: its name, its document, and where its calls go."""
    known = apis.read_apis()
    if not known:
        say("there are no APIs yet: dynclient api add NAME SPEC")
    width = max(map(len, known), default=0)
    for name, api in known.items():
        profiles = f"  ({', '.join(api.profiles)})" if api.profiles else ""
        click.echo(printable(f"{name:{width}}  {api.spec}  {api.settings.base_url or ' '.join(api.origins)}{profiles}"))


def remove(name: str) -> None:
    """Forget an API; its document stays where it is."""
    _known(name, apis.read_apis())
    apis.change(name, None)
    say(f"{name} is removed")


def refresh(name: str, *, accept: bool) -> None:
    """
    Read the document again. New origins are taken only if they are accepted.

    Raises:
        ItemError: it names origins that it did not, and they are not accepted.
    """
    api = _known(name, apis.read_apis())
    found = apis.origins_of(read_document(api.spec))
    new = [each for each in found if each not in api.origins]
    if new and not accept:
        raise ItemError(
            f"the document of {name} now names {', '.join(new)}; credentials would go there. If that is right: "
            f"dynclient api refresh {name} --accept"
        )
    apis.change(name, apis.table(replace(api, origins=tuple(found))))
    say(f"{name} is as its document has it now: {', '.join(found) or 'no servers'}")


def _known(name: str, known: dict[str, apis.Api]) -> apis.Api:
    if name not in known:
        raise ItemError(f"there is no API {name!r}.{apis.hint(name, known)}")
    return known[name]


def _check_name(name: str, known: Collection[str], commands: Collection[str]) -> None:
    if not apis.NAME.fullmatch(name):
        raise ItemError(f"{name!r} cannot be a name: write a to z, 0 to 9, - and _, beginning with a letter")
    for what, taken in (("a command", commands), ("a bundled document", bundled()), ("an API already", known)):
        if name in taken:
            raise ItemError(f"{name} is the name of {what}; choose another one")


def _check_schemes(auth: Mapping[str, str], spec: str) -> None:
    schemes = read_security_schemes(read_document(spec)) if auth else {}
    for scheme in auth:
        if scheme not in schemes:
            raise ItemError(f"the document has no security scheme {scheme!r}.{apis.hint(scheme, schemes)}")


def _auth(given: Sequence[str]) -> dict[str, str]:
    auth = _pairs(given, "=", "--auth")
    for scheme, source in auth.items():
        if not source.startswith(_SOURCES):
            raise ItemError(
                f"--auth {scheme}: a credential is not written to a file; give its source: env:NAME, "
                'keyring:SERVICE/USER or cmd:["PROGRAM"]'
            )
    return auth


def _pairs(given: Sequence[str], sign: str, option: str) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, found, value = each.partition(sign)
        if not found or not name.strip():
            raise ItemError(f"{option} is written NAME{sign}VALUE")  # what was given may be a credential
        pairs[name.strip()] = value.strip()
    return pairs
