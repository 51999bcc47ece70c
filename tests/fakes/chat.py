"""What Amazon Q Developer in chat applications takes, as its administrator guide has it.

"Custom notifications using Amazon Q Developer in chat applications", event schema: everything
else is dropped without a word. `enableCustomActions` isn't in its table; those who use custom
actions on custom notifications send it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

type _Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Content(_Strict):
    # A heading and a text of Slack's (Block Kit reference: header and section blocks).
    text_type: Literal["client-markdown"]
    title: Annotated[str, Field(min_length=1, max_length=150)]
    description: Annotated[str, Field(min_length=1, max_length=3000)]
    next_steps: list[Annotated[str, Field(min_length=1, max_length=1000)]]
    keywords: list[_Text]


class Metadata(_Strict):
    thread_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    summary: Annotated[str, Field(min_length=1, max_length=150)]
    event_type: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    related_resources: list[_Text]
    # Read by custom actions, whose variables have at most 1,024 characters (AWS Chatbot API).
    additional_context: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")],
        Annotated[str, Field(max_length=1024)],
    ]
    enable_custom_actions: Literal[True]


class CustomNotification(_Strict):
    version: Literal["1.0"]
    source: Literal["custom"]
    id: Annotated[str, Field(min_length=1, max_length=100)]
    content: Content
    metadata: Metadata
