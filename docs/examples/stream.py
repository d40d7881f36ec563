"""A run whose events are read while they come."""

import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    assistant = client.createAssistant(model="gpt-4o-mini")
    thread = client.createThread(messages=[{"role": "user", "content": "Count to three."}])
    with client.createRun.stream(thread_id=thread["id"], assistant_id=assistant["id"]) as events:
        for event in events:
            if event.event == "thread.message.delta":
                print(event.data["delta"]["content"][0]["text"]["value"], end="", flush=True)
    print()


if __name__ == "__main__":
    main()
