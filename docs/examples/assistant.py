"""An assistant: a thread, a run that is waited for, and the messages."""

import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document


def main() -> None:
    client = dynclient.Client("openai", app=app)
    assistant = client.createAssistant(model="gpt-4o-mini", instructions="Answer in one sentence.")
    thread = client.createThread(messages=[{"role": "user", "content": "What is an operationId?"}])
    run = client.createRun(thread_id=thread["id"], assistant_id=assistant["id"])
    done = dynclient.leaves("queued", "in_progress", "cancelling")
    run = client.getRun.poll(thread_id=thread["id"], run_id=run["id"], until={"status": done})
    print("run:", run["status"])
    for message in client.listMessages.items(thread_id=thread["id"], order="asc"):
        print(f"{message['role']}: {message['content'][0]['text']['value']}")


if __name__ == "__main__":
    main()
