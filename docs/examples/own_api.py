"""A document of your own, and a service that is tested against it."""

from collections.abc import Callable, Iterable
from typing import Any

import dynclient

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
      responses:
        "200":
          description: A pet.
          content: {application/json: {schema: {type: object, required: [id, name]}}}
"""


def service(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"id": 1}']  # it forgets the name


def main() -> None:
    client = dynclient.Client(DOCUMENT, app=service, base_url="http://localhost")
    for problem in client.getPet.check(id=0):
        print("refused:", problem)
    for problem in client.getPet(id=1).problems:
        print("answered:", problem)


if __name__ == "__main__":
    main()
