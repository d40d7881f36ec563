"""All items of a list, page by page."""

import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    for file in client.listFiles.items(limit=100, order="asc"):
        print(file["id"], file["filename"])
    print(sum(len(page["data"]) for page in client.listFiles.pages(limit=100)), "files")


if __name__ == "__main__":
    main()
