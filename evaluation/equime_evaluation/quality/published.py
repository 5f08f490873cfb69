"""The published per-clip tables in numbers, and which of them can stand beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from equime_evaluation.quality.summary import Summary

COMPARED: Final = ("psnr_mean", "ssim_mean", "tv_mean", "brisque_mean", "clip_iqa_mean", "duration_s", "bitrate_kbps")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """One CSV file: mean and median of its columns, those that are known.

    Attributes:
        values: By column; (mean, median), the median ``None`` where it is not known.
    """

    name: str
    file: str
    clips: int
    values: Mapping[str, tuple[float, float | None]]


PUBLISHED_TABLES: Final = (
    PublishedTable(
        name="EquiME (disgust)",
        file="video_metrics_hq_emotion.csv",
        clips=1153,
        values={
            "psnr_mean": (40.860, 40.220), "ssim_mean": (0.9717, 0.9796), "tv_mean": (13.429, 13.011),
            "brisque_mean": (16.014, 15.506), "clip_iqa_mean": (0.7943, 0.8143), "duration_s": (6.708, None),
            "bitrate_kbps": (134.6, 128.1),
        },
    ),
    PublishedTable(
        name="MiE-X",
        file="summary_metrics_miex.csv",
        clips=15000,
        values={
            "psnr_mean": (42.493, 38.641), "ssim_mean": (0.9787, 0.9831), "tv_mean": (6.977, 6.743),
            "brisque_mean": (27.303, 27.319), "clip_iqa_mean": (0.608, 0.611), "duration_s": (0.08, None),
            "bitrate_kbps": (655.0, 649.0),
        },
    ),
    PublishedTable(
        name="SAMM",
        file="summary_metrics_samm.csv",
        clips=159,
        values={
            "psnr_mean": (39.161, 39.127), "ssim_mean": (0.9171, 0.9192), "tv_mean": (26.404, 25.162),
            "brisque_mean": (7.960, 7.807), "clip_iqa_mean": (0.4755, 0.4564), "duration_s": (2.97, None),
            "bitrate_kbps": (67471.0, None),
        },
    ),
    PublishedTable(
        name="SMIC",
        file="summary_metrics_smic.csv",
        clips=157,
        values={
            "psnr_mean": (39.078, 38.894), "ssim_mean": (0.9467, 0.9470), "tv_mean": (15.960, 16.082),
            "brisque_mean": (33.632, 32.155), "clip_iqa_mean": (0.3046, 0.3042), "duration_s": (23.6, None),
            "bitrate_kbps": (5896.0, None),
        },
    ),
)  # fmt: skip
"""Means and medians computed from the CSV files of the published repository."""

REMARKS: Final[dict[str, str]] = {
    "psnr_mean": "same definition, but the published code wraps differences over 15 levels, so that its values are too "
    "high where much moves; high means still, not good",
    "ssim_mean": "comparable: same definition; high means still, not good",
    "tv_mean": "only at the same frame size (EquiME's clips are 256 x 256); else set tv_per_pixel against "
    "tv / sqrt(pixels)",
    "brisque_mean": "not known: the published code measures grey frames, and nothing says that its tables came from it",
    "clip_iqa_mean": "not known: as BRISQUE; the network was trained on colour",
    "duration_s": "EquiME's and MiE-X's alone: SAMM and SMIC were encoded again at other rates",
    "bitrate_kbps": "same definition; of the encoder and its settings rather than of the pictures",
}
"""What keeps a column from standing beside ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One column: ours, theirs, and whether they can be compared."""

    column: str
    ours: tuple[float, float] | None
    published: dict[str, tuple[float, float | None]]
    remark: str

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)


def compare_with_published(summary: Summary) -> Iterator[Comparison]:
    """Set a summary beside the published tables, column by column; values are (mean, median)."""
    for column in COMPARED:
        average = summary.averages[column]
        yield Comparison(
            column=column,
            ours=None if average is None else (average.mean, average.median),
            published={table.name: table.values[column] for table in PUBLISHED_TABLES},
            remark=REMARKS[column],
        )
