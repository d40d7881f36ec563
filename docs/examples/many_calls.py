"""Ten calls at a time, as tasks of asyncio. It needs the extra `async`."""

import asyncio
import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document

TEXTS = [f"text number {number}" for number in range(10)]


async def length(client: dynclient.AsyncClient, text: str) -> int:
    answer = await client.createEmbedding(model="text-embedding-3-small", input=text)
    return len(answer["data"][0]["embedding"])


async def main() -> None:
    async with dynclient.AsyncClient("openai", app=app, requests_per_second=50) as client:
        lengths = await asyncio.gather(*(length(client, text) for text in TEXTS))
    print(len(lengths), "answers")


if __name__ == "__main__":
    asyncio.run(main())
