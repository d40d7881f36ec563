"""A file that is sent, looked up, downloaded and deleted."""

import os
import pathlib
import tempfile

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "notes.txt")
        path.write_text("Some notes.")
        file = client.createFile(file=path, purpose="user_data")  # read while it is sent, whatever its size
        print(file["id"], file["bytes"], "bytes")
        saved = client.downloadFile.open(file_id=file["id"]).save(pathlib.Path(folder, "copy.txt"))
        print(saved.stat().st_size, "bytes downloaded")
    print("deleted:", client.deleteFile(file_id=file["id"])["deleted"])


if __name__ == "__main__":
    main()
