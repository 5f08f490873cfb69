"""Which rows to keep, as an Arrow expression that the Parquet reader applies while it scans."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Final

from equime_builder.errors import UsageError, choose
from equime_builder.facs import AUS, EMOTION_LABELS, SLOTS

if TYPE_CHECKING:
    from pyarrow.compute import Expression

FOLDS: Final = 5


def of_emotions(names: str | Iterable[str]) -> Expression:
    """Keep the rows whose ``emotion`` is one of ``names``, or the one name.

    Raises:
        UsageError: A name is not an emotion label, or there is none.
    """
    from pyarrow import compute

    several = [names] if isinstance(names, str) else names
    labels = [EMOTION_LABELS.index(choose("emotion", name, EMOTION_LABELS)) for name in several]
    if not labels:
        raise UsageError(f"emotions is empty; choose from: {', '.join(EMOTION_LABELS)}")
    return reduce(or_, (compute.field("emotion") == label for label in labels))


def within_aus(aus: Iterable[int]) -> Expression:
    """Keep the rows in which no Action Unit outside ``aus`` moves, on either side; negatives move none and stay.

    Raises:
        UsageError: A number is not in the vocabulary.
    """
    from pyarrow import compute

    kept = {int(choose("AU", str(au), [str(known) for known in AUS])) for au in aus}
    still = [slot for slot, (au, _) in enumerate(SLOTS) if au not in kept]
    vector = compute.field("au_intensity")
    return reduce(and_, (compute.list_element(vector, slot) == 0 for slot in still), compute.scalar(True))


def of_fold(fold: int, *, held_out: bool) -> Expression:
    """Keep the rows of one subject-independent fold (``held_out``), or those of the other four.

    Raises:
        UsageError: ``fold`` is not 0-4.
    """
    from pyarrow import compute

    number = int(choose("fold", str(fold), [str(known) for known in range(FOLDS)]))
    column = compute.field("fold")
    return column == number if held_out else column != number
