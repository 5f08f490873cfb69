"""Answers to questions about micro-expressions, scored by kind of question as the ME-VQA challenge asks them.

Classes are scored by UF1 and UAR, yes or no and left or right by accuracy too, lists of Action Units by the F1 of their
names, and all answers as text by BLEU and ROUGE-1. Source of the questions: MEGC 2025, task 2 (arXiv 2506.15298).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Final

from equime_builder.errors import UsageError, need
from equime_builder.facs import AU_NAMES, EMOTION_LABELS
from equime_builder.vqa_templates import COARSE, FINE, SHOWN, SIDE, TOGETHER_MANY, TOGETHER_ONE, UNIT, UNITS
from equime_evaluation.protocols.recognition import score_recognition

CLASS_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "coarse": ("negative", "positive", "surprise"),
    "fine": tuple(emotion for emotion in EMOTION_LABELS if emotion != "neutral"),
    "shown": ("no", "yes"),
    "side": ("left", "right"),
}
"""Kinds of questions whose answer is one word of a list. An answer with none of them, or several, counts as wrong."""

_UNITS_KINDS: Final = ("units", "together")


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScore:
    """Answers to one kind of question; ``None`` where a figure has no meaning for the kind.

    Attributes:
        unreadable: Answers that name no class of the kind, or several; each counts as wrong.
        units_f1: Mean over answers of the F1 between the Action Units named and the true ones.
        bleu: Corpus BLEU-4 of sacrebleu, 0-1, exponential smoothing, as all answers of the kind.
        rouge1: Mean F1 of single words, 0-1.
    """

    questions: int
    accuracy: float | None
    uf1: float | None
    uar: float | None
    unreadable: int
    units_f1: float | None
    bleu: float
    rouge1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VqaScores:
    """All kinds that were asked, by name."""

    kinds: dict[str, KindScore]


def score_answers(records: Iterable[Mapping[str, object]], answers: Sequence[str]) -> VqaScores:
    """Score answers to the records of an ME-VQA file.

    Args:
        records: Each with ``question`` and ``answer``, as lines of ``me_vqa_*.jsonl``.
        answers: What was answered, in the same order.

    Raises:
        UsageError: Numbers differ, a record lacks a field, or a question is none of the challenge's.
        MissingExtraError: sacrebleu is not installed.
    """
    asked = list(records)
    if len(asked) != len(answers):
        raise UsageError(f"{len(asked)} questions and {len(answers)} answers; give one answer a question, in order")
    by_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, (record, answer) in enumerate(zip(asked, answers, strict=True), start=1):
        question, truth = record.get("question"), record.get("answer")
        if not isinstance(question, str) or not isinstance(truth, str):
            raise UsageError(f"record {number} must have the texts question and answer, got {sorted(record)}")
        by_kind[kind_of(question)].append((truth, answer))
    return VqaScores(kinds={kind: _score(kind, pairs) for kind, pairs in sorted(by_kind.items())})


def kind_of(question: str) -> str:
    """Return the kind of a question of the challenge.

    Raises:
        UsageError: It is none.
    """
    plain = {COARSE: "coarse", FINE: "fine", UNIT: "units", UNITS: "units"}
    plain |= dict.fromkeys((TOGETHER_ONE, TOGETHER_MANY), "together")
    if question in plain:
        return plain[question]
    for kind, wording in (("shown", SHOWN), ("side", SIDE)):
        before, after = wording.split("{unit}")
        if question.startswith(before) and question.endswith(after):
            return kind
    raise UsageError(f"question {question!r:.120} is none of the ME-VQA challenge's; score it by itself")


def units_in(text: str, names: Iterable[str] = tuple(AU_NAMES.values())) -> frozenset[str]:
    """Return the Action Units that a text names, a longer name before one that it contains.

    Args:
        names: Of all units that there are, lower case.
    """
    named, rest = set(), text.lower()
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"\b{re.escape(name)}\b"
        if re.search(pattern, rest):
            named.add(name)
            rest = re.sub(pattern, " ", rest)
    return frozenset(named)


def class_in(text: str, classes: Sequence[str]) -> int | None:
    """Return the number of the one class that a text names, or ``None`` where it names none or several."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    named = [place for place, name in enumerate(classes) if name in words]
    return named[0] if len(named) == 1 else None


def rouge1(truth: str, answer: str) -> float:
    """Return the F1 of single words, lower case, in 0-1.

    Source: Lin, "ROUGE: a package for automatic evaluation of summaries", ACL 2004 workshop.
    """
    left, right = (Counter(re.findall(r"[a-z0-9]+", text.lower())) for text in (truth, answer))
    words = left.total() + right.total()
    return 2 * (left & right).total() / words if words else 0.0


def _score(kind: str, pairs: Sequence[tuple[str, str]]) -> KindScore:
    accuracy = uf1 = uar = None
    unreadable = 0
    if kind in CLASS_WORDS:
        accuracy, uf1, uar, unreadable = _class_scores(pairs, CLASS_WORDS[kind])
    sacrebleu = need("sacrebleu", extra="scores")
    truths, answers = ([pair[place] for pair in pairs] for place in (0, 1))
    # recordings have units that EquiME does not render
    names = {*AU_NAMES.values(), *(name for truth in truths for name in _listed(truth))}
    return KindScore(
        questions=len(pairs),
        accuracy=accuracy,
        uf1=uf1,
        uar=uar,
        unreadable=unreadable,
        units_f1=mean(_units_f1(*pair, names) for pair in pairs) if kind in _UNITS_KINDS else None,
        bleu=float(sacrebleu.corpus_bleu(answers, [truths], lowercase=True).score) / 100,
        rouge1=mean(rouge1(*pair) for pair in pairs),
    )


def _class_scores(
    pairs: Sequence[tuple[str, str]], classes: Sequence[str]
) -> tuple[float | None, float | None, float | None, int]:
    true = [class_in(truth, classes) for truth, _ in pairs]
    if None in true:
        raise UsageError(f"a true answer names no class: {pairs[true.index(None)][0]!r:.120}; check the records")
    said = [class_in(answer, classes) for _, answer in pairs]
    # an unreadable answer is a class of its own, which nothing is truly of
    scored = score_recognition(
        [label for label in true if label is not None],
        [len(classes) if label is None else label for label in said],
        [""] * len(pairs),
        [*classes, "unreadable"],
    )
    return scored.accuracy, scored.uf1, scored.uar, said.count(None)


def _listed(truth: str) -> list[str]:
    """Return the units of a true answer: a list of names, or such a list in the challenge's sentence."""
    inside = truth.partition(":")[2].partition(".")[0] or truth
    return [name.strip().lower() for name in inside.split(",") if name.strip()]


def _units_f1(truth: str, answer: str, names: Iterable[str]) -> float:
    real, said = units_in(truth, names), units_in(answer, names)
    return 2 * len(real & said) / (len(real) + len(said)) if real or said else 1.0
