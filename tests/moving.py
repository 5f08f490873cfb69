"""A textured picture that moves in a known way: closed-form fields, courses and head motion, rendered in float."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from equime_builder.streams import stream

Field = NDArray[np.float32]


def picture(size: int) -> NDArray[np.float32]:
    """Return a (size, size) grey picture with the detail of a face: edges, texture, smooth shading."""
    random = stream("tests/moving")
    layers = []
    for blur in (3.0, 5.0, 12.0):
        layer = cv2.GaussianBlur(random.normal(size=(size, size)).astype(np.float32), (0, 0), blur)
        layers.append(np.asarray(layer) / np.asarray(layer).std())
    edges = np.tanh(2 * layers[2])
    return np.asarray(128 + 9 * layers[0] + 10 * layers[1] + 14 * layers[2] + 16 * edges, dtype=np.float32)


def bump(size: int, centre: tuple[float, float], motion_px: tuple[float, float], radius_px: float) -> Field:
    """Return a Gaussian displacement field (size, size, 2), x then y, whose largest vector is ``motion_px``."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    weight = np.exp(-0.5 * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / radius_px**2)
    return np.stack([weight * motion_px[0], weight * motion_px[1]], axis=-1).astype(np.float32)


def course(frames: int, *events: tuple[int, int, int]) -> NDArray[np.float64]:
    """Return 0-1 over time, sin^2 up from onset to apex and down to offset, for each event."""
    total = np.zeros(frames)
    for onset, apex, offset in events:
        time = np.interp(np.arange(frames), [onset, apex, offset], [0.0, 0.5, 1.0])
        total += np.sin(np.pi * time) ** 2
    return total


def render(
    still: NDArray[np.float32],
    field: Field,
    amplitudes: NDArray[np.float64],
    *,
    sway_px: float = 0.0,
    noise_sigma: float = 0.0,
) -> NDArray[np.uint8]:
    """Return (T, H, W, 3) grey frames of skin that moves by amplitude times field on a head that sways.

    The backward map of x -> x + a f(x) is found by fixed-point iteration; a 6 s sway moves both axes.
    """
    random = stream("tests/moving/noise", sway_px, noise_sigma)
    y, x = np.mgrid[0 : len(still), 0 : len(still)].astype(np.float32)
    frames = []
    for index, amplitude in enumerate(amplitudes):
        phase = 2 * np.pi * index / 144
        head = (x - np.float32(sway_px * np.sin(phase)), y - np.float32(sway_px * np.cos(2 * phase)))
        source = head
        for _ in range(5):
            shift = np.float32(amplitude) * cv2.remap(field, *source, cv2.INTER_LINEAR)
            source = (head[0] - shift[..., 0], head[1] - shift[..., 1])
        moved = cv2.remap(still, *source, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
        grey = np.clip(np.rint(moved + random.normal(0.0, noise_sigma, still.shape)), 0, 255)
        frames.append(np.repeat(grey[..., None], 3, axis=2))
    return np.stack(frames).astype(np.uint8)
