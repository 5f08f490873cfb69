"""EquiME in `datasets`: ``import equime_dataset`` makes ``load_dataset("equime", "fear")`` work from anywhere.

The dataset is the folder or URL named by ``data_dir=``, else by ``$EQUIME_HOME``, else ``./equime``. Its card names the
configurations: ``all`` (the default), one per emotion, and what else the folder holds. All options of
``load_dataset`` apply (``split``, ``streaming``, ``num_proc``, ``columns``, ``filters``, ...), and these besides:

    >>> import equime_dataset
    >>> from datasets import load_dataset
    >>> load_dataset("equime", emotions=("fear", "surprise"), split="train")   # some emotions
    >>> load_dataset("equime", aus=(1, 2, 4, 5, 7), streaming=True)            # nothing else moves
    >>> load_dataset("equime", fold=0)                                         # train on folds 1-4, test on fold 0

`stream_equime` feeds training loops: decoded frames around the event, mixed, from any place, resumable.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Literal

import datasets
from datasets.fingerprint import Hasher
from datasets.packaged_modules.parquet.parquet import Parquet, ParquetConfig

from equime_builder.chat import ChatCollator
from equime_builder.collate import collate, event_frames
from equime_builder.decode import BackendName, Layout, decode_frames
from equime_builder.errors import UsageError, choose
from equime_builder.locate import dataset_place
from equime_builder.registration import module_of, register
from equime_builder.sampling import How
from equime_builder.scan import Scan, check_choices, check_columns, folded, narrowed
from equime_builder.selection import of_emotions, within_aus
from equime_builder.stream import ClipStream, open_stream
from equime_builder.stream.folder import open_folder
from equime_builder.stream.samples import FrameChoice
from equime_builder.videos import torchcodec_loads, undecoded, video_bytes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from datasets.load import DatasetModule
    from pyarrow.compute import Expression

__all__ = [
    "ChatCollator",
    "EquiME",
    "EquiMEConfig",
    "collate",
    "event_frames",
    "frames",
    "load_equime",
    "stream_equime",
]

NAME = "equime"


@dataclasses.dataclass
class EquiMEConfig(ParquetConfig):  # type: ignore[misc]
    """A configuration of EquiME: the stock Parquet options and a choice of rows.

    Attributes:
        emotions: Keep these emotions, one or several; ``None`` keeps all that the configuration's files hold.
        aus: Keep the clips in which no Action Unit outside these moves (neutral clips move none and stay).
        fold: Subject-independent cross-validation: this fold (0-4) becomes ``test``, the other four ``train``,
            whatever split their files belong to.
    """

    emotions: str | tuple[str, ...] | None = None
    aus: tuple[int, ...] | None = None
    fold: int | None = None

    def rows(self) -> Expression | None:
        """Return the rows to keep in every split, ``None`` for all; override it to choose by other columns.

        Raises:
            UsageError: An emotion or AU is unknown.
        """
        chosen = []
        if self.filters is not None:
            from pyarrow import parquet

            is_expression = not isinstance(self.filters, list)
            chosen.append(self.filters if is_expression else parquet.filters_to_expression(self.filters))
        if self.emotions is not None:
            chosen.append(of_emotions(self.emotions))
        if self.aus is not None:
            chosen.append(within_aus(self.aus))
        return reduce(and_, chosen) if chosen else None


class EquiME(Parquet):  # type: ignore[misc]
    """Builder of an EquiME folder: ``EquiME(config_name="fear", data_dir=...)``, or what ``load_dataset`` makes.

    A subclass adds configurations of its own to those of the folder's card; one without ``data_files`` reads what
    the card's default reads:

        >>> class UpperFace(EquiME):
        ...     BUILDER_CONFIGS = [EquiMEConfig(name="upper_face", aus=(1, 2, 4, 5, 6, 7, 43))]
        >>> UpperFace(data_dir="equime").as_streaming_dataset(split="train")
    """

    BUILDER_CONFIG_CLASS = EquiMEConfig

    def __init__(
        self,
        *,
        config_name: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        base_path: str | None = None,
        hash: str | None = None,
        **options: Any,
    ) -> None:
        """Open a dataset folder.

        Args:
            config_name: One of the card's configurations or of the class's own; default: the class's only one, else
                the card's default.
            data_dir: The dataset folder, or its URL; default as for ``load_dataset("equime")``.
            base_path: Set by ``load_dataset``, which has found the folder already.
            hash: Set by ``load_dataset``; the part of the cache key that follows the folder's contents.
            options: Fields of the configuration, and ``cache_dir``, ``features``, ... of the stock builder.

        Raises:
            DatasetMissingError: There is no dataset.
            UsageError: The configuration or a value in it is unknown.
        """
        self._configs = {config.name: config for config in self.BUILDER_CONFIGS}
        self._default = self.DEFAULT_CONFIG_NAME or next(iter(self._configs), None)
        if base_path is None:
            module = module_of(data_dir, name=NAME, builder_module=EquiME.__module__)
            base_path, hash = str(module.builder_kwargs["base_path"]), self._join_card(module)
            options.setdefault("dataset_name", NAME)
        super().__init__(config_name=config_name, base_path=base_path, hash=hash, **options)

    def _join_card(self, module: DatasetModule) -> str:
        """Put the card's configurations beside the class's own; return the cache key of both and of the contents."""
        card = module.builder_configs_parameters
        files = {config.name: config.data_files for config in card.builder_configs}
        default = card.default_config_name or card.builder_configs[0].name
        own = [
            dataclasses.replace(config, data_files=config.data_files or files[default])
            for config in self.BUILDER_CONFIGS
        ]
        self._configs = {config.name: config for config in (*card.builder_configs, *own)}
        self._default = self.DEFAULT_CONFIG_NAME or (own[0].name if len(own) == 1 else default)
        return str(Hasher.hash((module.hash, own)))

    def _create_builder_config(
        self,
        config_name: str | None = None,
        custom_features: datasets.Features | None = None,
        config_id: str | None = None,
        **changes: Any,
    ) -> tuple[EquiMEConfig, str]:
        """Return the named configuration with ``changes`` made, and its identity in the cache."""
        name = choose("configuration", str(config_name or self._default), list(self._configs))
        fields = [field.name for field in dataclasses.fields(self._configs[name])]
        given = {choose("option", key, fields): value for key, value in changes.items() if value is not None}
        config = dataclasses.replace(self._configs[name], **given)
        config._resolve_data_files(self.base_path, datasets.DownloadConfig(token=self.token))
        if (rows := config.rows()) is not None:
            given["rows"] = rows  # a subclass may choose rows by code, which no field shows
        return config, config_id or config.create_config_id(given, custom_features=custom_features)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        splits, rows = super()._split_generators(dl_manager), self.config.rows()
        check_columns(self.config.columns or [], splits[0].gen_kwargs["files"][0])
        check_choices(self.config, splits[0].gen_kwargs["files"][0])
        if rows is not None or self.config.fold is not None:
            self.info.splits = None  # the card counts all rows
        return narrowed(splits, rows) if self.config.fold is None else folded(splits, rows, self.config.fold)

    def _generate_shards(self, files: Any, row_groups_list: Any, rows: Any) -> Iterator[Any]:
        yield from super()._generate_shards(files, row_groups_list)

    def _generate_more_gen_kwargs(self, files: Any, row_groups_list: Any, rows: Any) -> Iterator[Any]:
        return ({**finer, "rows": rows} for finer in super()._generate_more_gen_kwargs(files, row_groups_list))

    def _generate_tables(self, files: Any, row_groups_list: Any, rows: Any) -> Iterator[Any]:
        yield from Scan(self.config, self.info, rows)._generate_tables(files, row_groups_list)


def load_equime(
    name: str = "all",
    *,
    split: Any = None,
    data_dir: str | os.PathLike[str] | None = None,
    streaming: bool = False,
    decode: bool | None = None,
    path: str = NAME,
    render: Literal["missing"] | None = None,
    faces: str | None = None,
    **options: Any,
) -> Any:
    """Load EquiME so that every row can be read, with or without torchcodec.

    Args:
        name: Configuration: ``"all"``, an emotion, or another that the card lists.
        split: As for ``load_dataset``; ``None`` gives all splits in a dictionary.
        data_dir: The dataset folder, or a URL of fsspec (``s3://...``); ``None`` takes ``$EQUIME_HOME``, else
            ``./equime``.
        streaming: Whether to read rows on the way instead of preparing a cache.
        decode: Whether ``row["video"]`` is torchcodec's decoder or ``{"bytes", "path"}``; ``None`` takes the decoder
            where torchcodec can be imported. `frames` reads both.
        path: ``"equime"``, or a repository of the Hub such as ``"org/equime"``.
        render: ``"missing"`` makes what is not there before it loads, and shows how far it is: a dataset, an emotion,
            lost shards, or the clips of a recipe release. It starts processes, so a script must call it under
            ``if __name__ == "__main__":``. ``None`` never renders.
        faces: Source of the photos for that, as for ``equime render``; ``None`` = where the dataset has them from.
        options: Everything else that ``load_dataset`` and `EquiMEConfig` take.

    Returns:
        What ``load_dataset`` returns: ``Dataset``, ``DatasetDict``, or their iterable counterparts.

    Raises:
        DatasetMissingError: There is no dataset.
        UsageError: The configuration or a value in it is unknown, or ``faces`` is given and nothing may be rendered.
        PhotoError: ``render`` found a photo missing or changed.
    """
    if render is not None or faces is not None:
        _make_missing(name, data_dir, path, render, faces)
    if data_dir is not None:
        options["data_dir"] = os.fspath(data_dir)
    loaded = datasets.load_dataset(path, name, split=split, streaming=streaming, **options)
    return loaded if (torchcodec_loads() if decode is None else decode) else undecoded(loaded)


def _make_missing(
    name: str, data_dir: str | os.PathLike[str] | None, path: str, render: str | None, faces: str | None
) -> None:
    if render is None:
        raise UsageError("faces= names photos to render from, and nothing is rendered without render='missing'")
    choose("render", render, ["missing"])
    if path != NAME:
        raise UsageError(f"render='missing' makes local clips, and path={path!r} is not local; pull it first")
    from equime_generation.cli.terminal import run_screen
    from equime_generation.on_demand import make_missing

    with run_screen() as screen:
        make_missing(dataset_place(data_dir)[0], name, faces=faces, watch=screen)


def stream_equime(
    name: str = "all",
    *,
    split: str = "train",
    data_dir: str | os.PathLike[str] | None = None,
    path: str = NAME,
    frames: int | None = 8,
    how: How = "event",
    jitter: bool = False,
    size_px: int | None = None,
    layout: Layout = "TCHW",
    backend: BackendName = "auto",
    decode: bool = True,
    columns: Sequence[str] | None = None,
    **options: Any,
) -> ClipStream:
    """Stream clips into a training loop: mixed, decoded in threads, shared among workers and nodes, resumable.

        >>> stream = equime_dataset.stream_equime("fear", frames=8, size_px=224, shuffle=True)
        >>> for batch in stream.loader(batch_size=8, num_workers=2):
        ...     step(batch["frames"], batch["emotion"])

    Args:
        name: Configuration: ``"all"``, an emotion, ``"spotting"`` or ``"vqa"``.
        split: ``"train"``, ``"validation"``, ``"test"`` or ``"all"``.
        data_dir: The dataset folder, or a URL of fsspec (``s3://...``); ``None`` takes ``$EQUIME_HOME``, else
            ``./equime``.
        path: ``"equime"``, or a repository of the Hub such as ``"org/equime"``, pinned to its present commit.
        frames: Frames of each clip, but for ``how="all"``.
        how: How they are chosen: ``"event"``, ``"onset-apex-offset"``, ``"window"``, ``"uniform"`` or ``"all"``, see
            `equime_builder.sampling.frame_indices`.
        jitter: Whether each epoch draws other frames.
        size_px: Edge of the square that frames are resized to; ``None`` leaves them as they are.
        layout: ``"TCHW"`` or ``"THWC"``.
        backend: As for `frames`.
        decode: Whether to decode at all; without it samples are whole rows, with ``video`` as ``{"bytes", "path"}``.
        columns: Of the samples; ``None`` takes a few with frames, and all without.
        options: ``emotions``, ``aus``, ``fold``, ``shuffle``, ``seed``, ``buffer_rows``, ``format`` and ``on_error``
            of `equime_builder.stream.open_stream`.

    Returns:
        A stream of dictionaries: the columns, ``frames`` (T, 3, H, W) uint8 RGB and ``frame_indices`` (T,) int64. It
        has `loader`, `indexed`, `set_epoch`, `state_dict` and `load_state_dict`.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: It is damaged.
        TransferError: Another machine does not deliver it.
        UsageError: A name or value is unknown, or no row is left.
    """
    count = None if how == "all" else frames
    choice = FrameChoice(how=how, count=count, jitter=jitter, size_px=size_px, layout=layout, backend=backend)
    folder = open_folder(data_dir) if path == NAME else open_folder(path, repository="://" not in path)
    return open_stream(folder, name, split=split, columns=columns, frames=choice if decode else None, **options)


def frames(
    video: Any,
    indices: Sequence[int] | None = None,
    *,
    backend: BackendName = "auto",
    layout: Layout = "THWC",
    size_px: int | None = None,
) -> npt.NDArray[np.uint8]:
    """Decode the frames of a row or of its video.

    Args:
        video: A row with a ``video`` column, or that column's value: ``{"bytes", "path"}``, the decoder that
            `datasets` makes with torchcodec, or the bytes of a video file.
        indices: Which frames, in this order; ``None`` takes all 144.
        backend: ``"pyav"``, ``"decord"``, ``"torchcodec"``, or ``"auto"`` for the first that is installed.
        layout: ``"THWC"`` or ``"TCHW"``.
        size_px: Edge of the square that frames are resized to; ``None`` leaves them as they are.

    Returns:
        (T, H, W, 3) or (T, 3, H, W) uint8 RGB.

    Raises:
        MediaError: There are no bytes, or they are no readable video.
        UsageError: An index lies outside the video, or an option is unknown.
    """
    return decode_frames(video_bytes(video), indices, backend=backend, layout=layout, size_px=size_px)


register(NAME, builder_module=__name__)
