"""
APIs by name: documents with a server, headers and sources of credentials, in the user's own configuration folder.

The file is TOML, for its owner alone. It holds no credential, but says where one comes from. It also holds the origins
of the document as they were when the API was added: a document that later names others is refused, because it would
take the credentials there.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dynclient.cli.options import Sending
from dynclient.cli.output import ItemError
from dynclient.documents import Document
from dynclient.openapi import read_other_servers, read_security_schemes, read_servers
from dynclient.support import near, origin
from dynclient.wire import url_of

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")

_HEAD = "# The APIs that `dynclient api add` knows. Credentials are never here, only where they come from.\n"
_LOCK_SECONDS = 5.0
_ABANDONED = 60.0  # seconds after which a lock belongs to a process that has ended


@dataclass(frozen=True, slots=True)
class Settings:
    """How an API is called: the same as the options of a call."""

    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: Settings) -> Settings:
        """Return these settings, and those of the other where these say nothing."""
        return Settings(self.base_url or other.base_url, {**other.headers, **self.headers}, {**other.auth, **self.auth})


@dataclass(frozen=True, slots=True)
class Api:
    """
    A document with a name.

    Attributes:
        name: its name.
        spec: the path, the URL or the name of the document.
        origins: where its servers and the addresses of its tokens are.
        settings: how it is called.
        profiles: other settings, by name; what they leave open is as in `settings`.
        complete_ids: whether Tab may ask the API for ids.
    """

    name: str
    spec: str
    origins: tuple[str, ...] = ()
    settings: Settings = Settings()
    profiles: Mapping[str, Settings] = field(default_factory=dict)
    complete_ids: bool = False

    def chosen(self, profile: str | None) -> Settings:
        """
        Return the settings of a profile, or without one those of the API.

        Raises:
            ItemError: there is no such profile.
        """
        if profile is None:
            return self.settings
        if profile not in self.profiles:
            raise ItemError(f"{self.name} has no profile {profile!r}.{hint(profile, self.profiles)}")
        return self.profiles[profile].over(self.settings)

    def applied(self, sending: Sending, document: Document, profile: str | None) -> Sending:
        """
        Return the options of a call with this API's own below them.

        Raises:
            ItemError: there is no such profile, or the document names origins that were not accepted.
        """
        settings = self.chosen(profile)
        new = [each for each in origins_of(document) if each not in self.origins]
        if new:
            raise ItemError(
                f"the document of {self.name} now names {', '.join(new)}, which it did not when it was added; "
                f"if that is right: dynclient api refresh {self.name} --accept"
            )
        auth = {**_from_environment(self.name, document), **settings.auth}
        return replace(
            sending,
            base_url=sending.base_url or (None if sending.server else settings.base_url or None),
            headers=(*(f"{name}: {value}" for name, value in settings.headers.items()), *sending.headers),
            auth=(*(f"{scheme}={source}" for scheme, source in auth.items()), *sending.auth),
        )


def origins_of(document: Document) -> list[str]:
    """Return the origins that a document names: of its servers, and of where its tokens come from."""
    found = []
    for server in (*read_servers(document), *read_other_servers(document)):
        try:
            found.append(origin(url_of(server, {}, document.base_uri)))
        except Exception:  # a variable without a default, or no URL at all: the text itself is pinned
            found.append(server.url)
    for scheme in read_security_schemes(document).values():
        for flow in scheme.flows:
            urls = (flow.token_url, flow.refresh_url, flow.authorization_url, flow.device_url)
            found += [origin(url) for url in urls if "://" in url]
    return sorted(dict.fromkeys(found))


def variable_of(api: str, scheme: str) -> str:
    """Return the environment variable for a credential of one API: DYNCLIENT_<API>_AUTH_<SCHEME>."""
    return f"DYNCLIENT_{_upper(api)}_AUTH_{_upper(scheme)}"


def _upper(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).upper()


def _from_environment(api: str, document: Document) -> dict[str, str]:
    variables = {scheme: variable_of(api, scheme) for scheme in read_security_schemes(document)}
    return {scheme: f"env:{name}" for scheme, name in variables.items() if os.environ.get(name)}


# ----------------------------------------------------------------------------------------------------------- the file


def path() -> Path:
    """Return the file in which the APIs are kept."""
    import platformdirs

    return platformdirs.user_config_path("dynclient", appauthor=False) / "apis.toml"


def named_api(word: str, profile: str | None = None) -> Api | None:
    """
    Return the API of this name; None if the word names a document.

    Raises:
        ItemError: the file cannot be read, or a profile is asked for where there is no API.
    """
    api = read_apis().get(word) if NAME.fullmatch(word) else None
    if api is None and profile is not None:
        raise ItemError(f"--profile is for an API that has a name, and {word!r} is none; see dynclient api list")
    return api


def read_apis() -> dict[str, Api]:
    """
    Return all APIs, by name.

    Raises:
        ItemError: the file is damaged, has keys that mean nothing, or others can write to it. It stays as it is.
    """
    text = _text()
    if not text:
        return {}
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ItemError(f"{path()} is damaged and was left as it is: {error}") from error
    return {name: _api(name, values, text) for name, values in data.items()}


def _text() -> str:
    """The text of the file; "" if there is none."""
    file = path()
    try:
        about = file.stat()
        if os.name == "posix" and (about.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or about.st_uid != os.getuid()):
            raise ItemError(f"{file} is not used, because others can write to it; mend it with: chmod 600 {file}")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ItemError(f"{file} cannot be read: {error}") from error


def _api(name: str, values: Any, text: str) -> Api:
    known = _checked(
        values, {"spec": str, "origins": list, "profiles": dict, "complete_ids": bool, **_SETTINGS}, name, text
    )
    if "spec" not in known:
        raise ItemError(f"{path()}: {name} has no spec")
    profiles = {
        each: _settings(inner, f"{name}.profiles.{each}", text) for each, inner in known.get("profiles", {}).items()
    }
    return Api(
        name,
        known["spec"],
        tuple(map(str, known.get("origins", ()))),
        _settings(values, name, text),
        profiles,
        known.get("complete_ids", False),
    )


_SETTINGS: dict[str, type] = {"base_url": str, "headers": dict, "auth": dict}


def _settings(values: Any, where: str, text: str) -> Settings:
    own = {key: value for key, value in values.items() if key in _SETTINGS} if "profiles" not in where else values
    known = _checked(own, _SETTINGS, where, text)
    for key in ("headers", "auth"):
        _checked(known.get(key, {}), dict.fromkeys(known.get(key, {}), str), f"{where}.{key}", text)
    return Settings(known.get("base_url", ""), known.get("headers", {}), known.get("auth", {}))


def _checked(values: Any, kinds: Mapping[str, type], where: str, text: str) -> dict[str, Any]:
    """The values of a table, if each key is known and its value of the right kind."""
    if not isinstance(values, dict):
        raise ItemError(f"{path()}{_line(where.rpartition('.')[2], text)}: {where} is not a table")
    for key, value in values.items():
        if key not in kinds:
            raise ItemError(f"{path()}{_line(key, text)}: {where} has no setting {key!r}.{hint(key, kinds)}")
        if not isinstance(value, kinds[key]):
            raise ItemError(f"{path()}{_line(key, text)}: {key} of {where} is not {_KINDS[kinds[key]]}")
    return values


_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}


def _line(key: str, text: str) -> str:
    """Where a key stands in the file: ", line 5"."""
    pattern = re.compile(rf"""(?:\[.*)?["']?\b{re.escape(key)}\b["']?\s*(?:=|\])""")
    number = next((number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)), 0)
    return f", line {number}" if number else ""


def hint(name: str, known: Mapping[str, object]) -> str:
    similar = near(name, list(known), 1)
    if similar:
        return f" Did you mean {similar[0]!r}?"
    return f" There are: {', '.join(known)}." if known else " There are none."


def table(api: Api) -> dict[str, Any]:
    """Return what the file says of an API."""
    profiles = {name: _written(settings) for name, settings in api.profiles.items()}
    ids = {"complete_ids": True} if api.complete_ids else {}
    return {"spec": api.spec, "origins": list(api.origins), **ids, **_written(api.settings), "profiles": profiles}


def _written(settings: Settings) -> dict[str, Any]:
    found = {"base_url": settings.base_url, "headers": dict(settings.headers), "auth": dict(settings.auth)}
    return {key: value for key, value in found.items() if value}


def change(name: str, values: Mapping[str, Any] | None) -> None:
    """
    Write what the file says of one API, or with None remove it; the rest of the file and its comments stay.

    Raises:
        ItemError: the file is damaged or cannot be written, or a library is missing.
    """
    try:
        import tomlkit
    except ImportError:
        raise ItemError("this needs tomlkit: pip install 'dynclient[cli]'") from None
    file = path()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(file):
            read_apis()
            document = tomlkit.parse(_text() or _HEAD)
            if values is None:
                document.pop(name, None)
            else:
                document[name] = tomlkit.item({key: value for key, value in values.items() if value})
            _replace(file, tomlkit.dumps(document))
    except OSError as error:
        raise ItemError(f"{file} cannot be written: {error}") from error


def _replace(file: Path, text: str) -> None:
    """Write the file whole or not at all, for its owner alone."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".apis-")  # with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Keep other processes from changing the file meanwhile."""
    lock, ends = file.with_suffix(".lock"), time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            with suppress(OSError):
                if time.time() - lock.stat().st_mtime > _ABANDONED:
                    lock.unlink()
            if time.monotonic() > ends:
                raise ItemError(f"another process is changing {file}; if not, remove {lock}") from None
            time.sleep(0.02)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
