"""`equime extend`."""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic

from equime_generation.cli.options import run_options
from equime_generation.cli.render import show
from equime_generation.cli.terminal import print_json, run_screen
from equime_generation.config import RunConfig


@run_options
def extend(config: RunConfig, json: bool) -> None:
    """Add clips, people or emotions to a finished dataset, in new shards; those that are there stay untouched.

    Give the options of a larger dataset, best with --config DATASET/run.toml; only counts, emotions and photos may
    differ. Stopped or killed, it goes on where it was when the same command runs again.
    """
    from equime_generation.extension import extend_dataset

    start_s = monotonic()
    with run_screen() as screen:
        summary = extend_dataset(config, screen)
    duration_s = monotonic() - start_s
    if json:
        print_json({**asdict(summary), "duration_s": round(duration_s, 1)})
    else:
        show(summary, duration_s=duration_s)
