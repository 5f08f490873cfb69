"""Conversations as text of a chat template, with the places of the answers: what a model learns to write.

Templates differ in how a turn ends and whether they mark what the assistant says. What holds for all of them is that
a conversation's text begins with the text of its first turns, so the places are found by rendering it turn by turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from equime_builder.conversations import Conversation
from equime_builder.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatText:
    """A rendered conversation.

    Attributes:
        text: With one placeholder for the video, before the first answer.
        answers: First and last + 1 character of each answer, with what ends the turn.
    """

    text: str
    answers: tuple[tuple[int, int], ...]


def chat_text(processor: Any, conversation: Conversation) -> ChatText:
    """Render a conversation with a processor's chat template.

    Where the template does not end the assistant's turn with a token, the tokenizer's end-of-sequence token is put
    there, so that a model learns to stop.

    Raises:
        UsageError: The template shows no video, or rewrites earlier turns when later ones come.
    """
    text, answers = "", []
    done = ""  # what the template has given so far; `text` may hold more, the ends that were put in
    for index, message in enumerate(conversation):
        if message["role"] != "assistant":
            continue
        before = _rendered(processor, conversation[:index], add_generation_prompt=True)
        after = _rendered(processor, conversation[: index + 1], add_generation_prompt=False)
        if not (before.startswith(done) and after.startswith(before)):
            raise UsageError(
                "the processor's chat template rewrites earlier turns when later ones come, so answers have no fixed "
                "place; give the processor another chat_template, or ask one question at a time: several='samples'"
            )
        text += before[len(done) :]
        said = _ended(after[len(before) :], message, processor.tokenizer.eos_token)
        answers.append((len(text), len(text) + len(said.rstrip())))
        text, done = text + said, after
    rendered = ChatText(text=text.rstrip(), answers=tuple(answers))
    _check_video(processor, rendered)
    return rendered


def prompt_text(processor: Any, conversation: Conversation) -> str:
    """Render a conversation that ends with a question, so that a model can answer it.

    Raises:
        UsageError: The template shows no video.
    """
    text = _rendered(processor, conversation, add_generation_prompt=True)
    _check_video(processor, ChatText(text=text, answers=((len(text), len(text)),)))
    return text


def answer_mask(chat: ChatText, offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which tokens of a tokenized conversation belong to its answers.

    The processor has replaced the video's placeholder by as many tokens as the video takes. All answers stand behind
    it, so their places are counted from the end of the text.

    Args:
        chat: As it was given to the processor.
        offsets: (L, 2) first and last + 1 character of each token in the expanded text; padding is (0, 0).

    Returns:
        (L,) bool.
    """
    shift = int(offsets[:, 1].max()) - len(chat.text)
    mask = np.zeros(len(offsets), bool)
    for start, end in chat.answers:
        mask |= (offsets[:, 0] < end + shift) & (offsets[:, 1] > start + shift)
    return mask


def _rendered(processor: Any, conversation: Conversation, *, add_generation_prompt: bool) -> str:
    rendered: str = processor.apply_chat_template(
        conversation, tokenize=False, add_generation_prompt=add_generation_prompt
    )
    return rendered


def _ended(said: str, message: dict[str, Any], end_token: str | None) -> str:
    content = message["content"]
    answer = content if isinstance(content, str) else content[-1]["text"]
    is_open = said.rstrip().endswith(answer.rstrip())
    return said.rstrip() + end_token + said[len(said.rstrip()) :] if is_open and end_token else said


def _check_video(processor: Any, chat: ChatText) -> None:
    token = processor.video_token
    found = chat.text.count(token)
    if found != 1 or not chat.answers or chat.text.index(token) >= chat.answers[0][0]:
        raise UsageError(
            f"a conversation must show its video once, before the first answer, and have an answer; the chat template "
            f"gives {token!r} {found} times and {len(chat.answers)} answers: start it with "
            "{'type': 'video'}, and take a processor whose chat_template knows videos"
        )
