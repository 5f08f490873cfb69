"""Batches for chat models: a collator around any `transformers` processor that takes videos.

It does what the processors' defaults would spoil: it chooses the frames around the event itself and forbids the
processor to choose again, tells it when those frames were shown, and lets only answers into the loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.chat_text import answer_mask, chat_text, prompt_text
from equime_builder.chat_video import EVENT, check_columns, shown_clip
from equime_builder.conversations import Conversation, Message, Several, check_choice, conversations_of
from equime_builder.errors import UsageError, need
from equime_builder.sampling import How, frame_indices

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

IGNORED: Final = -100
"""Label of tokens that are no part of the loss."""


class ChatCollator:
    """Makes batches of rows for a chat model: ``DataLoader(rows, collate_fn=ChatCollator(processor))``.

    It works with `transformers.Trainer` (``remove_unused_columns=False``), in worker processes, on rows of any
    configuration but spotting, and with every processor that has a video processor, a chat template and a fast
    tokenizer; Qwen2.5-VL, Qwen3-VL, SmolVLM, LLaVA-OneVision and LLaVA-NeXT-Video are tested.

    Args:
        processor: As from ``AutoProcessor.from_pretrained``.
        frames: Frames of a clip; ``None`` with ``how="all"``.
        how: How they are chosen, see `equime_builder.sampling.frame_indices`.
        jitter: Choose them a little differently each epoch.
        kinds: Kinds of questions, of `equime_builder.vqa_templates.KINDS`; ``None`` takes the conversation in the
            row's ``messages``, unless ``questions`` is given or there is none: then all kinds.
        questions: At most so many questions a clip, drawn anew each epoch; ``None`` = all of the kinds.
        several: ``"turns"`` of one conversation, or ``"samples"`` of their own, see
            `equime_builder.conversations.conversations_of`.
        size_px: Edge of the square that frames are decoded to, before the processor resizes them to what its model
            takes; ``None`` leaves them as they are.
        seed: Of all draws, with the epoch and the clip's id.

    Raises:
        UsageError: The processor takes no video or has a slow tokenizer, or an option is unknown or out of range.
    """

    def __init__(
        self,
        processor: Any,
        *,
        frames: int | None = 8,
        how: How = "event",
        jitter: bool = False,
        kinds: Sequence[str] | None = None,
        questions: int | None = None,
        several: Several = "turns",
        size_px: int | None = None,
        seed: int = 0,
    ) -> None:
        if getattr(processor, "video_processor", None) is None or getattr(processor, "video_token", None) is None:
            raise UsageError(
                f"{type(processor).__name__} takes no video; choose a chat model that does, such as Qwen2.5-VL, "
                "Qwen3-VL, SmolVLM2, LLaVA-OneVision or LLaVA-NeXT-Video"
            )
        if not processor.tokenizer.is_fast:
            raise UsageError(
                f"{type(processor.tokenizer).__name__} does not tell where its tokens stand in the text, which labels "
                "are made from; load the processor with a fast tokenizer"
            )
        check_choice(kinds, questions, several)
        frame_indices(how, frames, num_frames=frames or 1)  # refuses what does not fit before training starts
        self.processor = processor
        self.frames, self.how, self.jitter, self.size_px = frames, how, jitter, size_px
        self.kinds, self.questions, self.several = kinds, questions, several
        self.seed, self.epoch = seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Draw other questions, and with ``jitter`` other frames, from now on."""
        self.epoch = epoch

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Return a batch with labels.

        Args:
            rows: Whole rows, or samples of a stream with decoded ``frames``, the columns
                `equime_builder.chat_video.NEEDED`, and what the conversation is made from (``messages``,
                ``questions``, or ``aus`` and the emotion).

        Returns:
            What the processor returns for the model (``input_ids`` (B, L), ``attention_mask``, pixels, ...) and
            ``labels`` (B, L) int64: the tokens of the answers, and `IGNORED` elsewhere. B is the number of rows, or of
            questions with ``several="samples"``.

        Raises:
            MediaError: A row's video cannot be decoded.
            DatasetError: A row has nothing to say, or lacks a column.
            UsageError: The processor's chat template cannot be used.
        """
        torch = need("torch", extra="train")
        spoken = [(row, conversation) for row in rows for conversation in self._conversations(row)]
        chats = [chat_text(self.processor, conversation) for _, conversation in spoken]
        batch = self._processed([chat.text for chat in chats], [row for row, _ in spoken], return_offsets_mapping=True)
        offsets = batch.pop("offset_mapping").numpy()
        said = np.stack([answer_mask(chat, places) for chat, places in zip(chats, offsets, strict=True)])
        labels = torch.where(torch.from_numpy(said), batch["input_ids"], IGNORED)
        return {**batch, "labels": labels}

    def prompts(self, rows: Sequence[Mapping[str, Any]], questions: Sequence[str]) -> dict[str, torch.Tensor]:
        """Return a batch for ``model.generate``: a question about each row, without its answer, padded on the left.

        Args:
            rows: As for a batch with labels, but nothing need be said in them.
            questions: One a row.

        Raises:
            MediaError: A row's video cannot be decoded.
            UsageError: The processor's chat template cannot be used, or there are not as many questions as rows.
        """
        if len(rows) != len(questions):
            raise UsageError(f"one question a row, got {len(questions)} for {len(rows)} rows")
        asked: list[Conversation] = [[_question(question)] for question in questions]
        texts = [prompt_text(self.processor, conversation) for conversation in asked]
        return self._processed(texts, rows, padding_side="left")

    def indices(self, row: Mapping[str, Any]) -> NDArray[np.int64]:
        """Return the frames of a row that the model is shown; of a stream's sample those that it holds.

        Raises:
            DatasetError: The row lacks a column that says where its event is.
        """
        check_columns(row)
        if "frame_indices" in row:
            held: NDArray[np.int64] = row["frame_indices"]
            return held
        event = {name: row[name] for name in ("num_frames", *EVENT)}
        draw: dict[str, Any] = {"seed": self.seed, "epoch": self.epoch, "clip_id": row["id"], "jitter": self.jitter}
        return frame_indices(self.how, self.frames, **event, **draw)

    def _conversations(self, row: Mapping[str, Any]) -> list[Conversation]:
        return conversations_of(
            row,
            kinds=self.kinds,
            questions=self.questions,
            several=self.several,
            seed=self.seed,
            epoch=self.epoch,
        )

    def _processed(self, texts: list[str], rows: Sequence[Mapping[str, Any]], **text_options: Any) -> dict[str, Any]:
        torch = need("torch", extra="train")
        shown = {row["id"]: shown_clip(row, self.indices(row), size_px=self.size_px) for row in rows}
        clips = [shown[row["id"]] for row in rows]
        begin = self.processor.tokenizer.bos_token
        batch = self.processor(
            text=texts,
            videos=[torch.from_numpy(clip.frames) for clip in clips],
            video_metadata=[clip.metadata for clip in clips],
            do_sample_frames=False,
            add_special_tokens=not (begin and texts[0].startswith(begin)),
            padding=True,
            return_tensors="pt",
            **text_options,
        )
        if "second_per_grid_ts" in batch:
            # Qwen2.5-VL takes the frames for evenly spread over the whole clip; they are much closer together
            depth = self.processor.video_processor.temporal_patch_size
            batch["second_per_grid_ts"] = torch.tensor([depth * clip.spacing_s for clip in clips])
        return dict(batch)


def _question(text: str) -> Message:
    return {"role": "user", "content": [{"type": "video"}, {"type": "text", "text": text}]}
