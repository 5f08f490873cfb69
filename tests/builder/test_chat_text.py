"""Where the answers of a rendered conversation stand, whatever the template."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.chat_text import answer_mask, chat_text, prompt_text
from equime_builder.conversations import Conversation, conversation_of
from equime_builder.errors import UsageError

TWO = conversation_of([("Who?", "She."), ("When?", "Now, and then.")])


class Processor:
    """Renders turns with an opening and an ending, as chat templates do."""

    video_token = "<video>"

    def __init__(self, ending: str = "<end>\n", shows: str = "<video>") -> None:
        self.ending, self.shows = ending, shows
        self.tokenizer = self
        self.eos_token = "</s>"

    def apply_chat_template(self, turns: Conversation, *, tokenize: bool, add_generation_prompt: bool) -> str:
        parts = [
            f"{turn['role']}: " + "".join(part.get("text", self.shows) for part in turn["content"]) + self.ending
            for turn in turns
        ]
        return "".join(parts) + "assistant:" * add_generation_prompt


class Forgetful(Processor):
    """Renders the last turn alone."""

    def apply_chat_template(self, turns: Conversation, *, tokenize: bool, add_generation_prompt: bool) -> str:
        return super().apply_chat_template(turns[-1:], tokenize=False, add_generation_prompt=add_generation_prompt)


def test_answers_have_their_places_and_ends() -> None:
    chat = chat_text(Processor(), TWO)
    assert chat.text == (
        "user: <video>Who?<end>\nassistant: She.<end>\nuser: When?<end>\nassistant: Now, and then.<end>"
    )
    assert [chat.text[start:end] for start, end in chat.answers] == [" She.<end>", " Now, and then.<end>"]


def test_turns_that_nothing_ends_are_ended() -> None:
    chat = chat_text(Processor(ending=" "), TWO)
    assert chat.text == "user: <video>Who? assistant: She.</s> user: When? assistant: Now, and then.</s>"
    assert [chat.text[start:end] for start, end in chat.answers] == [" She.</s>", " Now, and then.</s>"]


def test_a_prompt_ends_where_the_answer_begins() -> None:
    assert prompt_text(Processor(), TWO[:1]) == "user: <video>Who?<end>\nassistant:"


@pytest.mark.parametrize(
    ("processor", "turns", "message"),
    [
        (Processor(shows=""), TWO, "gives '<video>' 0 times and 2 answers"),
        (Processor(shows="<video><video>"), TWO, "gives '<video>' 2 times"),
        (Processor(), TWO[:1], "gives '<video>' 0 times and 0 answers"),
        (Processor(), TWO[2:], "gives '<video>' 0 times and 1 answers"),
        (Forgetful(), TWO, "rewrites earlier turns when later ones come"),
    ],
)
def test_templates_and_turns_that_do_not_fit_are_refused(processor: Any, turns: Conversation, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        chat_text(processor, turns)


@given(
    st.lists(st.text("ab é\n.", min_size=1).filter(str.strip), min_size=1, max_size=4),
    st.integers(1, 50),
    st.integers(0, 5),
)
def test_the_mask_finds_the_answers_behind_any_video(answers: list[str], video: int, padding: int) -> None:
    chat = chat_text(Processor(), conversation_of([("Q?", answer) for answer in answers]))
    expanded = chat.text.replace("<video>", "<video>" * video)
    offsets = [(place, place + 1) for place in range(len(expanded))]  # a token a character
    mask = answer_mask(chat, np.array([(0, 0)] * padding + offsets))
    found = "".join(letter for letter, kept in zip(expanded, mask[padding:], strict=True) if kept)
    assert found == "".join(f" {answer}<end>" for answer in answers)
    assert not mask[:padding].any()
