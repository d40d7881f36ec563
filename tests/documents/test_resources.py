"""Which files and URLs a document may consist of, and how they are read."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path

import pytest

from dynclient.documents import resources
from dynclient.documents.document import Document, parse
from dynclient.documents.limits import Limits
from dynclient.documents.resources import Library, Unreachable
from dynclient.documents.sources import load
from dynclient.errors import DocumentError
from dynclient.types import JSON
from tests.conftest import Loopback

MARKER = "marker-of-what-must-not-be-read"


def library(root: Path, *allow_refs: str | Path, contents: JSON = None) -> Library:
    """Of a document in a file."""
    return Library(contents, root.as_uri(), allow_refs)


def refusal(found: Library, uri: str, base: str = "") -> str:
    """Why a URI in the document is not read."""
    with pytest.raises(Unreachable) as caught:
        found.get(found.name(resources.resolve_uri(base or found.get("").base, uri), base or found.get("").base, ""))
    return str(caught.value)


def read(found: Library, uri: str) -> JSON:
    """The data that a URI in the document means."""
    base = found.get("").base
    return found.get(found.name(resources.resolve_uri(base, uri), base, "")).contents


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A document in a folder, with a file in a folder below and one beside its folder."""
    (tmp_path / "api" / "models").mkdir(parents=True)
    (tmp_path / "api" / "models" / "pet.yml").write_text("name: pet")
    (tmp_path / "api" / "with space#.yml").write_text("name: spaced")
    (tmp_path / "secret.yml").write_text(f"{MARKER}: [")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "common.yml").write_text("name: common")
    path = tmp_path / "api" / "openapi.yaml"
    path.write_text("openapi: 3.1.0")
    return path


@pytest.mark.parametrize(
    ("uri", "name", "expected"),
    [
        ("models/pet.yml", "models/pet.yml", "pet"),
        ("./models/../models/pet.yml", "models/pet.yml", "pet"),
        ("models/p%65t.yml", "models/pet.yml", "pet"),
        ("with space%23.yml", "with%20space%23.yml", "spaced"),
        ("{folder}/models/pet.yml", "models/pet.yml", "pet"),
        ("file://localhost{folder}/models/pet.yml", "models/pet.yml", "pet"),
    ],
)
def test_files_of_the_folder(root: Path, uri: str, name: str, expected: str) -> None:
    """By any spelling; their name is what stands behind the folder."""
    found = library(root)

    assert read(found, uri.format(folder=root.parent)) == {"name": expected}
    assert list(found) == ["", name]


def test_the_document_by_its_own_name(root: Path) -> None:
    """Is the document, and is not read again."""
    found = library(root, contents={"a": 1})

    assert (read(found, "openapi.yaml"), list(found)) == ({"a": 1}, [""])


OUT = "it leads out of the document's folder; allow_refs=[folder] would permit it"
OTHER = "it leads to another origin than the document's; allow_refs=[url] would permit it"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("../secret.yml", OUT),
        ("..%2Fsecret.yml", OUT),
        ("models/%2E%2E/%2E%2E/secret.yml", OUT),
        ("../../../../../../../../etc/hostname", OUT),
        ("{folder}/../secret.yml", OUT),
        ("{folder}x/secret.yml", OUT),
        ("/etc/hostname", OUT),
        ("file:///etc/passwd", OUT),
        ("link.yml", OUT),
        ("linked/secret.yml", OUT),
        ("//evil.test/x", "it names a file of another machine"),
        ("file://evil.test/x", "it names a file of another machine"),
        ("a%00b", "it isn't the path of a file"),
        ("round.yml", "there is no such file"),
        ("missing.yml", "there is no such file"),
        ("models", "there is no such file"),
        (".", "there is no such file"),
        ("http://[", "it isn't a URI"),
        ("http://127.0.0.1:1/x", OTHER),
        ("https://user:password@evil.test/", "a URL in a reference has a host and no password"),
        ("http:///x", "a URL in a reference has a host and no password"),
        ("ftp://evil.test/x", "nothing is read by ftp:"),
        ("data:application/json,{{}}", "nothing is read by data:"),
    ],
)
def test_what_is_not_read(root: Path, uri: str, reason: str) -> None:
    """Whatever the spelling, through links too; the reason says nothing of what stands there."""
    (root.parent / "link.yml").symlink_to(root.parents[1] / "secret.yml")
    (root.parent / "linked").symlink_to(root.parents[1])
    (root.parent / "round.yml").symlink_to("round.yml")
    found = library(root)

    assert refusal(found, uri.format(folder=root.parent)) == reason
    assert list(found) == [""]


def test_a_link_inside_the_folder_is_a_file(root: Path) -> None:
    """And so is all of a folder that is itself reached through a link."""
    (root.parent / "link.yml").symlink_to("models/pet.yml")
    (root.parents[1] / "elsewhere").symlink_to(root.parent)

    assert read(library(root), "link.yml") == {"name": "pet"}
    assert read(library(root.parents[1] / "elsewhere" / root.name), "link.yml") == {"name": "pet"}


@pytest.mark.parametrize("as_text", [True, False])
def test_other_folders_by_permission(root: Path, as_text: bool) -> None:
    """Only those, and by their full name."""
    shared = root.parents[1] / "shared"
    found = library(root, str(shared) if as_text else shared)

    assert read(found, "../shared/common.yml") == {"name": "common"}
    assert list(found) == ["", (shared / "common.yml").as_uri()]
    assert refusal(found, "../secret.yml") == OUT


def test_files_that_cannot_be_parsed(root: Path) -> None:
    """The reason names the file."""
    (root.parent / "bad.yml").write_text("[")

    assert refusal(library(root), "bad.yml").startswith(f"{root.parent / 'bad.yml'}: is neither JSON (")


def test_a_document_without_a_place() -> None:
    """Given as text or data, it consists of itself, and of what is permitted by name."""
    found = Library({})

    assert (
        refusal(found, "other.yml") == "the document came as text or data, without a place that it could be relative to"
    )
    assert refusal(found, "file:///etc/passwd") == OUT
    assert refusal(found, "file:x") == "it isn't the path of a file"
    assert refusal(found, "http://127.0.0.1:1/") == OTHER


def test_a_document_without_a_place_by_permission(root: Path) -> None:
    """An absolute reference is enough."""
    assert read(Library({}, "", [root.parent]), (root.parent / "models" / "pet.yml").as_uri()) == {"name": "pet"}


def test_urls_of_the_origin(loopback: Loopback) -> None:
    """Anywhere there, with a query too, by any spelling of the host."""
    loopback.says(b"name: pet", "application/yaml")
    found = Library({}, f"{loopback.url}/api/openapi.yaml")

    for uri in ("pet.yml", "/api/pet.yml", "../other.yml?a=b", f"HTTP://{loopback.host}/api/pet.yml", "./a:b.yml"):
        assert read(found, uri) == {"name": "pet"}
    assert loopback.lines == ["GET /api/pet.yml", "GET /other.yml?a=b", "GET /api/a:b.yml"]
    assert list(found) == ["", "pet.yml", f"{loopback.url}/other.yml?a=b", f"{loopback.url}/api/a:b.yml"]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://127.0.0.1:1/x", OTHER),
        ("https://{host}/x", OTHER),
        ("//127.0.0.1:1/x", OTHER),
        ("http://{host}@127.0.0.1:1/", "a URL in a reference has a host and no password"),
        ("http://{host}\\@127.0.0.1:1/", "a URL in a reference has a host and no password"),
        ("http://{host}.evil.test/", OTHER),
        ("http://169.254.169.254/latest/meta-data", OTHER),
        ("file:///etc/passwd", "what comes from a URL may not refer to files"),
        ("%2e%2e/x", "its path holds '..', which a server may follow out of what is permitted"),
        ("a/..%5cx", "its path holds '..', which a server may follow out of what is permitted"),
    ],
)
def test_urls_that_are_not_asked_for(loopback: Loopback, uri: str, reason: str) -> None:
    """Other origins, files, and what a server could take for another path."""
    found = Library({}, f"{loopback.url}/api/openapi.yaml", ["/etc"])

    assert refusal(found, uri.format(host=loopback.host)) == reason
    assert loopback.sent == []


@pytest.mark.parametrize(
    ("path", "permitted"),
    [
        ("/shared/x.yml", True),
        ("/shared", True),
        ("/shared2/x.yml", False),
        ("/", False),
        ("/shared/../x.yml", False),
        ("/shared/%2E%2E/x.yml", False),
    ],
)
def test_urls_by_permission(loopback: Loopback, root: Path, path: str, permitted: bool) -> None:
    """What begins with one that is allowed, by whole steps of its path."""
    loopback.says(b"{}")
    found = library(root, f"{loopback.url}/shared")

    if permitted:
        assert read(found, loopback.url + path) == {}
    else:
        refusal(found, loopback.url + path)
    assert loopback.lines == [f"GET {path}"] * permitted


def test_what_comes_from_a_url_does_not_lead_back_to_files(loopback: Loopback, root: Path) -> None:
    """Though the document itself may refer to them."""
    loopback.says(b"{}")
    found = library(root, loopback.url)
    name = found.name(f"{loopback.url}/x.yml", root.as_uri(), "")

    with pytest.raises(Unreachable, match="may not refer to files"):
        found.name((root.parent / "models" / "pet.yml").as_uri(), f"{loopback.url}/x.yml", name)


def test_redirects_are_not_followed(loopback: Loopback) -> None:
    """The answer of the permitted origin would decide who is asked."""
    loopback.says(b"", status=302, Location="http://169.254.169.254/")
    reason = refusal(Library({}, f"{loopback.url}/a.yaml"), "b.yaml")

    assert reason.startswith(f"{loopback.url}/b.yaml: the server answered 302")


def test_each_is_asked_for_once(loopback: Loopback) -> None:
    """By any number of threads, and not again after a failure."""
    loopback.says(b"", status=404)
    found = Library({}, f"{loopback.url}/a.yaml")
    threads = [threading.Thread(target=refusal, args=(found, "b.yaml")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert loopback.lines == ["GET /b.yaml"]


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("MAX_RESOURCES", 1, "the document consists of more than 1 files or 512 MiB"),
        ("MAX_TOTAL_BYTES", 0, "the document consists of more than 5000 files or 0 MiB"),
    ],
)
def test_limits(root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str) -> None:
    """Of their number, and of all together."""
    monkeypatch.setattr(resources, limit, value)

    assert refusal(library(root), "models/pet.yml") == reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(size=8), "is larger than 8 bytes; max_document_size= permits more"),
        (Limits(values=1), "holds more than 1 values, aliases followed; max_document_values= permits more"),
        (Limits(depth=0), "is nested too deeply, in more than 0 levels; max_document_depth= permits more"),
    ],
)
def test_the_limits_of_a_document_are_those_of_each_file(root: Path, limits: Limits, reason: str) -> None:
    """What refuses a file names the option."""
    assert reason in refusal(Library(None, root.as_uri(), (), limits), "models/pet.yml")


def test_headers_go_to_the_origin_of_the_document(loopback: Loopback) -> None:
    """A reference to another origin, which is permitted, is followed without them."""
    elsewhere = loopback.url.replace("127.0.0.1", "localhost")
    loopback.says(b"{}")
    found = Library({}, f"{loopback.url}/api.yaml", [elsewhere], headers={"X-Key": "secret"})

    read(found, "models/a.yaml")
    read(found, f"{elsewhere}/models/b.yaml")

    assert [sent.headers.get("x-key") for sent in loopback.sent] == ["secret", None]
    assert b"secret" not in pickle.dumps(found)


@pytest.mark.parametrize("version", ["3.0.4", "3.2.0"])
def test_a_document_that_names_a_home_of_its_own(root: Path, version: str) -> None:
    """What stands beside it there stands beside it here."""
    contents = {"openapi": version, "$self": "https://published.test/v1/openapi.yaml"}
    found = library(root, contents=contents)

    assert read(found, "models/pet.yml") == {"name": "pet"}
    assert read(found, "https://published.test/v1/models/pet.yml") == {"name": "pet"}
    assert read(found, "https://published.test/v1/openapi.yaml") == contents
    assert refusal(found, "https://published.test/v2/pet.yml") == OTHER


def test_a_home_at_the_same_origin(loopback: Loopback) -> None:
    """Is where relative references lead."""
    loopback.says(b"{}")
    found = Library({"openapi": "3.2.0", "$self": "/published/openapi.yaml"}, f"{loopback.url}/download.yaml")
    read(found, "pet.yml")

    assert loopback.lines == ["GET /published/pet.yml"]


@pytest.mark.parametrize("own", ["http://[", 5])
def test_a_home_that_is_no_uri(root: Path, own: JSON) -> None:
    """Is none."""
    assert read(library(root, contents={"openapi": "3.2.0", "$self": own}), "models/pet.yml") == {"name": "pet"}


def test_a_document_at_an_odd_url(loopback: Loopback) -> None:
    """Which the user gave; what it refers to is held to the rules all the same."""
    found = Library({}, f"{loopback.url}/%2e%2e/a.yaml")

    assert refusal(found, "b.yaml") == "its path holds '..', which a server may follow out of what is permitted"


def test_a_permission_that_is_no_url() -> None:
    """Is the user's mistake."""
    with pytest.raises(DocumentError, match="allow_refs: a URL in a reference has a host and no password"):
        Library({}, "", ["https://user:password@a.test/"])


def test_one_permission_needs_no_list(root: Path) -> None:
    """A text is no list of letters."""
    assert read(Library({}, root.as_uri(), str(root.parents[1] / "shared")), "../shared/common.yml") == {
        "name": "common"
    }


def test_a_pickled_document_keeps_what_it_read(root: Path) -> None:
    """And reads what it did not."""
    root.write_text(json.dumps({"openapi": "3.1.0", "a": {"$ref": "models/pet.yml"}}))
    document = parse(load(root))
    document.resolve({"$ref": "#/a"}, "#/x")
    (root.parent / "models" / "pet.yml").unlink()
    copy: Document = pickle.loads(pickle.dumps(document))

    assert copy.resolve({"$ref": "#/a"}, "#/x") == ({"name": "pet"}, "models/pet.yml#")
    assert copy.resolve({"$ref": "with space%23.yml"}, "#/x") == ({"name": "spaced"}, "with%20space%23.yml#")
