"""Train a chat model on questions about EquiME clips: a tiny random one by default, on any CPU, with no model hub.

    python examples/train_vlm.py --data equime
    python examples/train_vlm.py --data equime --model Qwen/Qwen2.5-VL-3B-Instruct --steps 500 --batch 2 --rate 1e-5

The first shows that data, frames, labels and optimiser fit together: a tiny model learns how answers are worded, not
how to see. The second trains a real one, on a GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from tiny_chat import tiny_model, tiny_processor
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from equime_builder.errors import EquimeError
from equime_dataset import ChatCollator, load_equime, stream_equime

TINY_EDGE_PX = 56


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a training went.

    Attributes:
        losses: Mean loss of each sixth of the steps.
        held_out: Loss on people that were not learnt from, before and after.
    """

    losses: tuple[float, ...]
    held_out: tuple[float, float]


class Companion(TrainerCallback):  # type: ignore[misc]
    """Lets each epoch ask other questions, and prints the loss."""

    def __init__(self, collator: ChatCollator) -> None:
        self._collator = collator

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell the collator the epoch that begins."""
        self._collator.set_epoch(round(state.epoch or 0))

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        """Print the mean loss since the last line."""
        if "loss" in logs:
            print(f"step {state.global_step:3}: loss {float(logs['loss']):.2f}", flush=True)


def read_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", metavar="DIR", help="dataset folder (default: $EQUIME_HOME, else ./equime)")
    parser.add_argument("--hub", metavar="ORG/NAME", help="stream this repository of the Hub instead")
    parser.add_argument("--model", default="tiny", help="tiny, or a chat model of the Hub that takes videos")
    parser.add_argument("--frames", type=int, default=8, help="frames of a clip, around its event (default: 8)")
    parser.add_argument("--questions", type=int, default=3, help="questions a clip and epoch (default: 3)")
    parser.add_argument("--steps", type=int, default=30, help="steps of the optimiser (default: 30)")
    parser.add_argument("--batch", type=int, default=4, help="clips a step (default: 4)")
    parser.add_argument("--rate", type=float, default=1e-2, help="learning rate (default: 0.01, for the tiny model)")
    parser.add_argument("--out", metavar="DIR", help="save the trained model and its processor here")
    return parser.parse_args(words)


def load_rows(options: argparse.Namespace, split: str) -> Any:
    """Return the rows of a split, from the folder or as a stream from the Hub; the collator decodes them."""
    if options.hub:
        return stream_equime(split=split, path=options.hub, shuffle=split == "train", decode=False)
    return load_equime(split=split, data_dir=options.data, decode=False)


def load_model(name: str) -> tuple[Any, Any]:
    """Return a processor and its model."""
    if name == "tiny":
        processor = tiny_processor(TINY_EDGE_PX)
        return processor, tiny_model(processor)
    return AutoProcessor.from_pretrained(name), AutoModelForImageTextToText.from_pretrained(name, dtype="auto")


def train(model: Any, collator: ChatCollator, options: argparse.Namespace) -> Course:
    """Train a model, and measure its loss on the validation split before and after."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = TrainingArguments(
            output_dir=scratch,
            max_steps=options.steps,
            per_device_train_batch_size=options.batch,
            per_device_eval_batch_size=options.batch,
            learning_rate=options.rate,
            remove_unused_columns=False,  # the collator reads columns that the model does not
            # a stream's batches are otherwise cut to the number of clips, the patches of all their frames too
            accelerator_config={"dispatch_batches": False},
            dataloader_pin_memory=torch.cuda.is_available(),
            logging_steps=-(-options.steps // 6),
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = Trainer(
            model,
            settings,
            data_collator=collator,
            train_dataset=load_rows(options, "train"),
            eval_dataset=load_rows(options, "validation"),
            callbacks=[Companion(collator)],
        )
        trainer.remove_callback(PrinterCallback)
        before = trainer.evaluate()["eval_loss"]
        trainer.train()
        losses = tuple(entry["loss"] for entry in trainer.state.log_history if "loss" in entry)
        collator.set_epoch(0)  # the same questions as before
        return Course(losses=losses, held_out=(before, trainer.evaluate()["eval_loss"]))


def ask(model: Any, collator: ChatCollator, row: dict[str, Any], question: str) -> str:
    """Return what a model answers to a question about a clip."""
    batch = {name: tensor.to(model.device) for name, tensor in collator.prompts([row], [question]).items()}
    with torch.no_grad():
        written = model.eval().generate(**batch, max_new_tokens=40, do_sample=False)
    answer: str = collator.processor.tokenizer.decode(
        written[0, batch["input_ids"].shape[1] :], skip_special_tokens=True
    )
    return answer.strip()


def main(words: Sequence[str] | None = None) -> Course:
    """Train, and print how it went."""
    options = read_options(words)
    set_seed(0)
    processor, model = load_model(options.model)
    collator = ChatCollator(processor, frames=options.frames, questions=options.questions)
    course = train(model, collator, options)
    print("on people that it did not learn from: loss {:.2f} before, {:.2f} after".format(*course.held_out))
    question = "What is the coarse expression class?"
    for row in islice(load_rows(options, "test"), 2):
        print(f"{row['id']}: {question} {ask(model, collator, row, question)!r}")
    if options.out:
        model.save_pretrained(options.out)
        processor.save_pretrained(options.out)
    return course


if __name__ == "__main__":
    try:
        main()
    except EquimeError as error:
        sys.exit(f"{error}")
