"""A chat with one question."""

import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    messages = [{"role": "user", "content": "Say hello in one word."}]
    answer = client.createChatCompletion(model="gpt-4o-mini", messages=messages)
    print(answer["choices"][0]["message"]["content"])
    print(answer["usage"]["total_tokens"], "tokens")


if __name__ == "__main__":
    main()
