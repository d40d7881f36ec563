"""The vectors of two texts."""

import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    answer = client.createEmbedding(model="text-embedding-3-small", input=["a cat", "a dog"])
    for item in answer["data"]:
        print(item["index"], len(item["embedding"]), "numbers")


if __name__ == "__main__":
    main()
