"""One frozen record per stage of the pipeline, checked at birth.

A photo becomes a `Subject`; the causal model gives it a `Plan`; a renderer makes frames that become `Media`; they are
`Measured` and screened; what is kept becomes a row (see `equime_builder.rows`), what is not becomes a `Reject`.
"""

from equime_builder.records.clips import (
    INCOMPLETE_SET,
    REJECTED_BY_PEOPLE,
    Generation,
    Measured,
    Media,
    Reject,
    TrueMotion,
)
from equime_builder.records.people import DEVICE_NAMES, SPLITS, Demographics, Placement, SplitName, Subject
from equime_builder.records.plans import (
    DURATION_S,
    FPS,
    FRAMES,
    NEGATIVE_KINDS,
    SIZE_PX,
    SPOTTING,
    Event,
    HeadMotion,
    NegativeKind,
    Nuisance,
    Plan,
    PlannedAU,
)

__all__ = [
    "DEVICE_NAMES",
    "DURATION_S",
    "FPS",
    "FRAMES",
    "INCOMPLETE_SET",
    "NEGATIVE_KINDS",
    "REJECTED_BY_PEOPLE",
    "SIZE_PX",
    "SPLITS",
    "SPOTTING",
    "Demographics",
    "Event",
    "Generation",
    "HeadMotion",
    "Measured",
    "Media",
    "NegativeKind",
    "Nuisance",
    "Placement",
    "Plan",
    "PlannedAU",
    "Reject",
    "SplitName",
    "Subject",
    "TrueMotion",
]
