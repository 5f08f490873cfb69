"""From faces and plans to clips, by LTX-Video."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from equime_builder.records import SIZE_PX
from equime_builder.streams import key_of
from equime_generation.renderers import Clip
from equime_generation.renderers.ltx.batches import in_batches
from equime_generation.renderers.ltx.compression import compressed
from equime_generation.renderers.ltx.conditioning import Conditioning, conditioning_of, frames_of
from equime_generation.renderers.ltx.opening import open_model
from equime_generation.renderers.ltx.request import Request
from equime_generation.renderers.warp.programme import held_back
from equime_generation.renderers.warp.render import WarpRenderer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_generation.renderers import Job
    from equime_generation.renderers.ltx.opening import Opened
    from equime_generation.renderers.ltx.settings import LtxSettings


class ClipModel(Protocol):
    """Makes frames, a batch at a time; `equime_generation.renderers.ltx.model.LtxModel`, or what stands in for it."""

    @property
    def batch_size(self) -> int: ...  # noqa: D102

    @property
    def guided(self) -> bool: ...  # noqa: D102

    def know(self, prompts: Iterable[str]) -> None: ...  # noqa: D102

    def sample(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A job with all that the processor does for it before the model's turn."""

    plan: Plan
    scaled: float
    request: Request


class LtxRenderer:
    """Renders clips with a diffusion model; while it computes a batch, the next one's pictures are painted.

    Nobody knows how its frames really move, so a clip has no truth: it is held against its plan. A plan that would fold
    the skin of its pictures is weakened as the warp renderer weakens it.

    Args:
        model: Makes the frames.
        settings: As the user chose them.
        name: Of the checkpoint.
        revision: What pins its content.
        shape: What else decides the pixels.
        notes: What was asked for and could not be had.
        frame_px: Height and width of the model's frames; 512 but for trials.
    """

    def __init__(
        self,
        model: ClipModel,
        settings: LtxSettings,
        *,
        name: str,
        revision: str,
        shape: Mapping[str, object],
        notes: Sequence[str] = (),
        frame_px: int = SIZE_PX,
    ) -> None:
        self._model = model
        self._settings = settings
        self.model: str | None = name
        self.model_revision: str | None = revision
        self.shape = shape
        self.notes = tuple(notes)
        self._frame_px = frame_px
        self._warp = WarpRenderer()

    @property
    def batch_size(self) -> int:
        """Clips computed together."""
        return self._model.batch_size

    def encode_prompts(self, prompts: Iterable[str], negative_prompts: Iterable[str]) -> None:
        """Encode prompts ahead of rendering, those that are not on disk; negative ones only where they count."""
        self._model.know([*prompts, *(negative_prompts if self._model.guided else ())])

    def render(self, jobs: Iterable[Job]) -> Iterator[Clip]:
        """Yield one clip a job, batch by batch: jobs with as many pictures, and of the same person, come together.

        Raises:
            OutOfMemory: The device's memory is too small for the batch; the clips of earlier batches were yielded.
        """
        jobs = list(jobs)
        # No more than a look where `prepare` was here before.
        self.encode_prompts([job.plan.prompt for job in jobs], [job.plan.negative_prompt for job in jobs])
        batches = in_batches(jobs, self.batch_size, self._pictures)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ltx-pictures") as painter:
            ahead = painter.submit(self._prepare, batches[0]) if batches else None
            for following in [*batches[1:], None]:
                if ahead is None:
                    return
                batch = ahead.result()
                ahead = painter.submit(self._prepare, following) if following else None
                yield from self._clips(batch)

    def _clips(self, batch: Sequence[_Prepared]) -> Iterator[Clip]:
        made = self._model.sample([prepared.request for prepared in batch])
        for prepared, frames in zip(batch, made, strict=True):
            yield Clip(plan=prepared.plan, frames=frames, truth=None, smallest_jacobian=None, scaled=prepared.scaled)

    def _pictures(self, job: Job) -> int:
        return len(frames_of(self._settings.conditioning, job.plan))

    def _prepare(self, jobs: Sequence[Job]) -> list[_Prepared]:
        return [self._prepared(job) for job in jobs]

    def _prepared(self, job: Job) -> _Prepared:
        rig = self._warp.rig(job.face)
        plan, _, scaled = held_back(rig, job.plan)
        shown = conditioning_of(self._settings.conditioning, rig, plan)
        request = Request(
            prompt=plan.prompt,
            negative_prompt=plan.negative_prompt,
            # Its 63 highest bits; clips that share a plan and an attempt share their noise, as they share their sway.
            seed=key_of("ltx/noise", plan.nuisance.key) >> 65,
            conditioning=self._as_shown(shown),
        )
        return _Prepared(plan=plan, scaled=scaled, request=request)

    def _as_shown(self, shown: Conditioning) -> Conditioning:
        """Return the pictures in the model's size, single ones compressed where that is asked for."""
        crf = 0 if shown.guide else self._settings.condition_crf
        pictures = np.stack([compressed(self._resized(picture), crf) for picture in shown.pictures])
        return Conditioning(frames=shown.frames, pictures=pictures, guide=shown.guide)

    def _resized(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if picture.shape[0] == self._frame_px:
            return picture
        size = (self._frame_px, self._frame_px)
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def open_ltx(settings: LtxSettings, *, frame_px: int = SIZE_PX) -> LtxRenderer:
    """Return the renderer that settings describe; the checkpoint is checked now and loaded when the first batch comes.

    What was asked for and cannot be had stands in the renderer's ``notes``.

    Args:
        settings: As the user chose them.
        frame_px: Height and width of the model's frames; 512 but for trials.

    Raises:
        UsageError: The settings name no model, or a moving revision of one.
        CheckpointError: The checkpoint is missing, broken, unsafe or of another family.
        DeviceError: There is no GPU, or it has too little memory.
        MissingExtraError: torch, diffusers or transformers are not installed.
    """
    opened = open_model(settings)
    return LtxRenderer(
        opened.model,
        settings,
        name=opened.checkpoint.model,
        revision=opened.checkpoint.revision,
        shape=_shape(opened, settings),
        notes=opened.options.notes,
        frame_px=frame_px,
    )


def _shape(opened: Opened, settings: LtxSettings) -> dict[str, object]:
    """Return what decides the last bits of a clip beside its plan and the checkpoint, ready for JSON."""
    from equime_generation.renderers.ltx.device import device_name

    preset, family, options = opened.place.preset, opened.checkpoint.family, opened.options
    return {
        "family": {**asdict(family), "timesteps": list(family.timesteps)},
        "steps": family.steps,
        "conditioning": settings.conditioning,
        "guide_strength": settings.guide_strength if settings.conditioning == "guide" else None,
        "condition_crf": settings.condition_crf,
        "batch_size": preset.batch_size,
        "dtype": preset.dtype,
        "device": device_name(opened.place.device),
        "framewise": list(preset.framewise) if preset.framewise else None,
        "fp8": options.fp8,
        "attention": options.attention,
        "compile": options.compile,
        "channels_last": options.channels_last,
    }
