"""A chat in which the model may call a function of yours."""

import json
import os

import dynclient
from dynclient.mock import MockApp

app = None if "OPENAI_API_KEY" in os.environ else MockApp("openai")  # without a key, answers come from the document

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def get_weather(city: str = "Lisbon") -> str:
    return f"Sunny in {city}"


def main() -> None:
    ask = dynclient.Client("openai", app=app).createChatCompletion
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    message = ask(model="gpt-4o-mini", messages=messages, tools=[TOOL])["choices"][0]["message"]
    for call in message.get("tool_calls") or []:
        result = get_weather(**json.loads(call["function"]["arguments"]))
        messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": result}]
    if len(messages) > 1:
        message = ask(model="gpt-4o-mini", messages=messages)["choices"][0]["message"]
    print(message["content"])


if __name__ == "__main__":
    main()
