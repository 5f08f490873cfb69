"""``name:DIR`` becomes a list of clips: one reader a dataset, one table of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.locate import find_dataset
from equime_evaluation.recordings import casme2, casme3, equime, miex, mmew, samm, smic, videos
from equime_evaluation.recordings.exported import with_own_people
from equime_evaluation.recordings.recording import Listing

Reader = Callable[[Path], Listing]

SOURCES: Final[dict[str, Reader]] = {
    equime.DATASET: equime.read_equime,
    casme2.DATASET: casme2.read_casme2,
    samm.DATASET: samm.read_samm,
    smic.DATASET: smic.read_smic,
    mmew.DATASET: mmew.read_mmew,
    casme3.DATASET: casme3.read_casme3,
    miex.DATASET: miex.read_miex,
    videos.DATASET: videos.read_videos,
}


def open_source(text: str) -> Listing:
    """List the clips of a source, such as ``casme2:DIR``; ``equime`` alone is the dataset that `find_dataset` finds.

    Raises:
        UsageError: The source is unknown, or its folder is not there.
        DatasetMissingError: There is no EquiME dataset.
        DatasetError: The folder does not hold what its owners distribute.
        MissingExtraError: Its label sheet needs a package that is not installed.
    """
    name, _, place = text.partition(":")
    if name not in SOURCES:
        raise UsageError(
            f"source of clips {name!r} is unknown; write one of: {', '.join(f'{known}:DIR' for known in SOURCES)}"
        )
    reader = SOURCES[name]
    if name == equime.DATASET:
        return reader(find_dataset(place or None, option=f"{name}:DIR"))
    if not place:
        raise UsageError(f"source {name} needs a folder; write: {name}:DIR")
    root = Path(place).expanduser()
    if not root.is_dir():
        raise UsageError(f"source {text}: {root} is no folder; give the folder that the owners' archive unpacks to")
    return with_own_people(root, reader(root))
