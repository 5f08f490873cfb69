"""A clip's row becomes conversations about it: chat messages in the form that chat templates take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from equime_builder.errors import DatasetError, UsageError, choose
from equime_builder.streams import stream
from equime_builder.vqa import Asked, questions_of
from equime_builder.vqa_templates import KINDS

Message = dict[str, Any]
Conversation = list[Message]
Several = Literal["turns", "samples"]
SEVERALS: Final[tuple[Several, Several]] = ("turns", "samples")


def conversation_of(asked: Iterable[Asked]) -> Conversation:
    """Return questions and answers as turns about one video, which stands before the first question."""
    turns: Conversation = []
    for question, answer in asked:
        content = [{"type": "text", "text": question}]
        turns.append({"role": "user", "content": content if turns else [{"type": "video"}, *content]})
        turns.append({"role": "assistant", "content": [{"type": "text", "text": answer}]})
    return turns


def conversations_of(
    row: Mapping[str, Any],
    *,
    kinds: Sequence[str] | None = None,
    questions: int | None = None,
    several: Several = "turns",
    seed: int = 0,
    epoch: int = 0,
) -> list[Conversation]:
    """Return what is said about a clip.

    Args:
        row: A row of any configuration but spotting.
        kinds: Kinds of questions, of `equime_builder.vqa_templates.KINDS`; ``None`` takes the row's ``messages``
            where it has them and ``questions`` is ``None``, else all kinds.
        questions: At most so many questions a clip, drawn anew each epoch, in a new order; ``None`` = all, in theirs.
        several: ``"turns"`` puts them into one conversation, which encodes the video once but lets an answer be read
            off the ones before it; ``"samples"`` makes a conversation of each.
        seed: Of the draw, with ``epoch`` and the clip's id.
        epoch: Another epoch draws other questions.

    Raises:
        UsageError: A choice is unknown or out of range.
        DatasetError: The row has neither messages, questions nor a plan, or none of the kinds has an answer on it.
    """
    check_choice(kinds, questions, several)
    if kinds is None and questions is None and row.get("messages"):
        return [list(row["messages"])]
    asked = _asked(row, KINDS if kinds is None else kinds)
    if questions is not None:
        order = stream("chat", seed, epoch, row["id"]).permutation(len(asked))
        asked = [asked[place] for place in order[:questions]]
    return [conversation_of(asked)] if several == "turns" else [conversation_of([one]) for one in asked]


def check_choice(kinds: Sequence[str] | None, questions: int | None, several: Several) -> None:
    """Refuse choices that `conversations_of` cannot follow, before a row is read.

    Raises:
        UsageError: A kind or way is unknown, or ``questions`` is less than 1.
    """
    choose("several", several, SEVERALS)
    if kinds is not None and not kinds:
        raise UsageError(
            f"name at least one kind of question, or None for the messages; choose from: {', '.join(KINDS)}"
        )
    for kind in kinds or ():
        choose("kind of question", kind, KINDS)
    if questions is not None and questions < 1:
        raise UsageError(f"questions must be 1 or more, or None for all, got {questions}")


def _asked(row: Mapping[str, Any], kinds: Sequence[str]) -> list[Asked]:
    if row.get("questions"):
        records = [record for record in row["questions"] if record["kind"] in kinds]
    elif "aus" in row:
        records = questions_of(row, kinds)
    else:
        raise DatasetError(
            f"clip {row.get('id')!r}: has none of the columns 'messages', 'questions' and 'aus'; load one of them"
        )
    if not records:
        raise DatasetError(
            f"clip {row['id']!r}: none of the questions {', '.join(kinds)} has an answer on it; add 'present', "
            "'shown' or 'region', which every clip answers, or leave negatives out"
        )
    return [(record["question"], record["answer"]) for record in records]
