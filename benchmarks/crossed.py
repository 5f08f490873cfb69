"""What a crossed build shows of people, how well its clips keep their plans, and what classifiers make of it.

The first is `equime audit --estimator`; the last have seen other people in the programmes that they are tested on.

Runs on the dataset that is found ($EQUIME_HOME, else ./equime) where that is crossed; else on 120 clips that are
rendered for it. The documentation quotes 600: `equime render --design crossed --clips-per-emotion 100 --out crossed`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.figures import Figure

CLIPS_PER_EMOTION = 20
EPOCHS = 10
LARGEST_GAP = 0.03
LEAST_MOTION_PX = 2.0
GAPS = {
    "true_motion": "true motion (interocular)",
    "measured_motion": "measured motion (interocular)",
    "slope": "slope (measured / true)",
    "known_slope": "estimator's slope on known motion",
}


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as scratch:
        root = _crossed(Path(scratch))
        audit = _audited(root)
        yield _association(audit)
        for name, outcome in GAPS.items():
            yield _gap(name, outcome, audit["gaps"])
        yield _counterfactual(audit["counterfactual"])
        yield _kept_plans(_clips(root))
        yield from _trained(root, Path(scratch))
    yield _without_motion()


def _crossed(scratch: Path) -> Path:
    from equime_builder.errors import DatasetMissingError
    from equime_builder.locate import find_dataset
    from equime_builder.manifest import read_manifest
    from equime_generation.config import RunConfig
    from equime_generation.progress import Tally
    from equime_generation.run import render_dataset

    try:
        found = find_dataset()
        if read_manifest(found).config.get("design") == "crossed":
            return found
    except DatasetMissingError:
        pass
    out = scratch / "crossed"
    config = RunConfig(out=str(out), design="crossed", clips_per_emotion=CLIPS_PER_EMOTION, with_vqa=False)
    render_dataset(config, Tally())
    return out


def _audited(root: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "equime_generation.cli", "audit", str(root), "--estimator", "--json"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _association(audit: Mapping[str, Any]) -> Figure:
    strengths = [item["strengths"][0]["value"] for item in (*audit["planned"], *audit["accepted"])]
    known = [value for value in strengths if value is not None]
    return Figure(
        name="association",
        value=max(known),
        unit="Cramer's V or eta squared",
        target=0.0,
        better="lower",
        detail=f"largest of {len(known)} strengths, over planned and again over accepted clips",
        facts={
            "strengths": len(known),
            "people": audit["people"],
            "clips": audit["clips_planned"],
            "accepted": audit["clips_accepted"],
        },
    )


def _gap(name: str, outcome: str, gaps: list[dict[str, Any]]) -> Figure:
    """Women less men within a programme; bands of skin tone stand among the facts."""
    own = [gap for gap in gaps if gap["outcome"] == outcome]
    gap = next(gap for gap in own if gap["attribute"] == "gender")
    bands = [one for one in own if one["attribute"] == "skin tone band"]
    return Figure(
        name=f"{name}_women_less_men",
        value=gap["difference"],
        unit="interocular distances" if "interocular" in outcome else "slope",
        target=LARGEST_GAP * gap["mean"],
        better="lower",
        detail=f"{gap['first']} less {gap['second']}, {gap['people']} people, {gap['sets']} programmes",
        low=gap["low"],
        high=gap["high"],
        facts={
            "percent": gap["percent"],
            "programmes": gap["sets"],
            "bands_most": max(abs(one["difference"]) for one in bands),
            "bands_most_percent": max(abs(one["percent"]) for one in bands),
        },
    )


def _counterfactual(found: list[dict[str, Any]]) -> Figure:
    """Any two people under one programme, whatever their groups: motion, and what the screen decided."""
    gaps = {gap["outcome"]: gap for gap in found}
    motion, screened = gaps[GAPS["measured_motion"]], gaps["accepted"]
    return Figure(
        name="counterfactual_motion",
        value=motion["difference"],
        unit="interocular distances",
        target=LARGEST_GAP * motion["mean"],
        better="lower",
        detail=f"mean of {motion['pairs']} pairs of clips; the screen differs on {screened['difference']:.1%}",
        low=motion["low"],
        high=motion["high"],
        facts={
            "percent": motion["percent"],
            "true_motion_percent": gaps[GAPS["true_motion"]]["percent"],
            "pairs": motion["pairs"],
            "screened_pairs": screened["pairs"],
            "screened_apart": screened["difference"],
        },
    )


def _clips(root: Path) -> list[dict[str, Any]]:
    import pyarrow.dataset

    from equime_builder.manifest import read_manifest

    paths = [str(root / shard.path) for shard in read_manifest(root).shards]
    rows: list[dict[str, Any]] = (
        pyarrow.dataset.dataset(paths, format="parquet")
        .to_table(columns=["apex_frame", "true_motion", "measured"])
        .to_pylist()
    )
    return [row for row in rows if row["apex_frame"] is not None]


def _kept_plans(clips: list[dict[str, Any]]) -> Figure:
    large = [clip for clip in clips if clip["true_motion"]["motion_px"] >= LEAST_MOTION_PX]
    measured = [clip["measured"] for clip in large]
    near = [abs(clip["measured"]["apex_frame"] - clip["apex_frame"]) <= 1 for clip in large]
    return Figure(
        name="correlation",
        value=float(np.median([one["correlation"] for one in measured])),
        unit="median over clips",
        target=0.95,
        better="higher",
        detail=f"{len(large)} of {len(clips)} expressions move by {LEAST_MOTION_PX:g} px or more",
        facts={
            "clips": len(large),
            "slope": float(np.median([one["slope"] for one in measured])),
            "apex_within_one_frame": float(np.mean(near)),
            "smallest_jacobian": min(clip["true_motion"]["smallest_jacobian"] for clip in clips),
        },
    )


def _trained(root: Path, scratch: Path) -> Iterator[Figure]:
    """The ResNet on people whom it has not seen, in programmes that it has."""
    from benchmarks.baselines import ENOUGH_FOR_RESNET, TARGET_UF1

    if len(_clips(root)) < ENOUGH_FOR_RESNET:
        return
    words = [sys.executable, "-m", "equime_generation.cli", "train", "--data", f"equime:{root}", "--json"]
    words += ["--setup", "resnet3d-3class", "--epochs", str(EPOCHS)]
    words += ["--out", str(scratch / "run"), "--cache", str(scratch / "cache")]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    test = json.loads(done.stdout)["tests"][0]
    low, high = test["recognition"]["uf1_interval"]
    yield Figure(
        name="resnet3d_uf1",
        value=test["recognition"]["uf1"],
        unit="UF1",
        target=TARGET_UF1,
        better="higher",
        detail=f"{test['clips']} clips, {EPOCHS} epochs; the tested people's programmes were trained on",
        low=low,
        high=high,
        facts={
            "clips": test["clips"],
            "chance": test["chance"]["uf1"],
            "chance_low": test["chance"]["low"],
            "chance_high": test["chance"]["high"],
        },
    )


def _without_motion() -> Figure:
    """A classifier that sees no motion; it is right because people share a programme's sway, noise and timing."""
    from benchmarks.watched import rendered_clips
    from equime_builder.facs import EMOTIONS
    from equime_evaluation.shortcuts import emotion_task, shortcut_auc

    emotions = [emotion for emotion in EMOTIONS if emotion != "neutral"]
    clips = list(rendered_clips(emotions, design="crossed"))
    tasks = [emotion_task(clips, emotion) for emotion in emotions]
    found = [shortcut_auc(task.features, task.labels, task.groups).auc for task in tasks]
    return Figure(
        name="emotion_without_motion",
        value=float(np.mean(found)),
        unit="AUC",
        target=1.0,
        better="lower",
        detail=f"{len(clips)} crossed clips, programmes not held out: the fault of such training, not of the clips",
        facts={"clips": len(clips)},
    )
