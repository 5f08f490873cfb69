"""``croissant.json``: the dataset described to programs, in Croissant 1.1 with the fields of responsible AI.

Source: Croissant Format Specification 1.1 and Croissant RAI Specification 1.0, MLCommons.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from equime_builder import statements
from equime_builder.card_prose import bibtex
from equime_builder.croissant_fields import ID_FIELD, fields_of, tar_fields_of
from equime_builder.layout import CROISSANT_FILE, DATA_FOLDER, SPOTTING_FOLDER, VQA_FOLDER
from equime_builder.manifest import FileEntry, Manifest
from equime_builder.publish import publish_text
from equime_builder.records import DURATION_S, FPS, FRAMES, SIZE_PX, SPOTTING
from equime_builder.schema import COLUMNS, Columns
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.summary import Summary
from equime_builder.vqa_rows import VQA, VQA_COLUMNS

LICENCE_URL: Final = "https://creativecommons.org/licenses/by-nc/4.0/"
CLIPS: Final = "clips"
"""Name of the record set of clips of at most one event."""

_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{name: f"cr:{name}" for name in (
        "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileProperty",
        "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
        "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
        "source", "subField", "transform",
    )},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}  # fmt: skip
_PARQUET: Final = "application/x-parquet"
_TAR: Final = "application/x-tar"


def write_croissant(root: Path, manifest: Manifest, summary: Summary) -> Path:
    """Write the description of a dataset folder; addresses in it are relative to the folder.

    Raises:
        OutputError: The place cannot be written.
    """
    text = json.dumps(croissant(manifest, summary), indent=2, ensure_ascii=False, allow_nan=False)
    return publish_text(root / CROISSANT_FILE, text + "\n")


def croissant(manifest: Manifest, summary: Summary) -> dict[str, Any]:
    """Return the description as JSON-LD.

    What nobody can know before the dataset is published, its address, its date and who answers for it, is left out;
    `equime_builder.hub.push` adds it to what it sends.
    """
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "EquiME",
        "description": _description(summary),
        "license": LICENCE_URL,
        "version": f"{manifest.schema_version}.0.0+{manifest.contents}",
        "citeAs": bibtex(manifest),
        "keywords": ["micro-expression", "action units", "FACS", "synthetic video", "fairness"],
        "inLanguage": "en",
        **_responsible(manifest, summary),
        "distribution": [*_file_sets(manifest), *_file_objects(manifest)],
        "recordSet": list(_record_sets(manifest)),
    }


def _description(summary: Summary) -> str:
    return (
        f"{summary.clips} synthetic video clips of facial micro-expressions on {summary.people.total()} people, with "
        "the Action Units that move, their true curves over time, prompts, captions, and what was measured on the "
        f"finished clip. Each clip lasts {DURATION_S:g} s: {FRAMES} frames of {SIZE_PX} x {SIZE_PX} pixels at {FPS} "
        "a second."
    )


def _responsible(manifest: Manifest, summary: Summary) -> dict[str, Any]:
    named = {key: " ; ".join(" ".join(name.split()) for name in names) for key, names in summary.names.items()}
    photos = f"Photos: {named['source']}. Licence of the photos: {named['source_license']}."
    tools = [f"motion: {name}" for name in summary.names["measured_by"]]
    tools += [f"estimated demographics: {name}" for name in summary.names["estimated_by"]]
    counts = sorted(summary.people.items())
    people = "; ".join(f"{count} {gender}, {tone}" for (gender, tone), count in counts)
    return {
        "rai:hasSyntheticData": True,
        "rai:dataCollection": statements.COLLECTION,
        "rai:dataCollectionType": ["Others", "Synthetic"],
        "rai:dataCollectionRawData": photos,
        "rai:dataCollectionMissingData": "None stands for what was not declared, not measured or does not apply.",
        "rai:dataPreprocessingProtocol": [statements.COLLECTION],
        "rai:dataAnnotationProtocol": statements.ANNOTATION,
        "rai:annotationsPerItem": "0 by people",
        "rai:machineAnnotationTools": tools or ["none"],
        "rai:dataUseCases": list(statements.INTENDED_USES),
        "rai:dataLimitations": [*statements.LIMITS, *(f"Forbidden: {use}." for use in statements.FORBIDDEN_USES)],
        "rai:dataBiases": [*statements.BIASES, f"People by declared gender and skin tone: {people}."],
        "rai:personalSensitiveInformation": [
            f"Gender, age, ethnicity and skin tone as declared by: {named['demographics_source']}.",
            photos,
        ],
        "rai:dataSocialImpact": statements.SOCIAL_IMPACT,
        "rai:dataReleaseMaintenancePlan": statements.MAINTENANCE,
        "prov:wasDerivedFrom": [" ".join(name.split()) for name in summary.names["source"]],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": f"EquiME {manifest.code_version}, renderer {named['renderer']}, "
            f"configuration {manifest.fingerprint}",
        },
    }


def _layouts(manifest: Manifest) -> Iterator[tuple[str, str, Columns]]:
    """Yield name, files and columns of each layout of which there are clips as Parquet."""
    if manifest.shards:
        yield CLIPS, f"{DATA_FOLDER}/*/*.parquet", COLUMNS
    if manifest.spotting and not manifest.is_tar_only:
        yield SPOTTING, f"{SPOTTING_FOLDER}/*.parquet", SPOTTING_COLUMNS
    if manifest.vqa:
        yield VQA, f"{VQA_FOLDER}/*.parquet", VQA_COLUMNS


def _tar_layouts(manifest: Manifest) -> Iterator[tuple[str, tuple[FileEntry, ...], Columns]]:
    """Yield name, files and columns of each layout whose clips stand in tar files alone."""
    if manifest.is_tar_only:
        yield CLIPS, manifest.clip_files, COLUMNS
        if manifest.spotting:
            yield SPOTTING, manifest.spotting_files, SPOTTING_COLUMNS


def _file_sets(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for name, includes, _ in _layouts(manifest):
        yield _file_set(f"{name}-files", _PARQUET, includes)
    for name, entries, _ in _tar_layouts(manifest):
        inside = {"containedIn": [{"@id": entry.path} for entry in entries]}
        yield _file_set(f"{name}-files", "application/json", "*.json") | inside


def _file_set(name: str, encoding: str, includes: str) -> dict[str, Any]:
    return {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": encoding, "includes": includes}


def _file_objects(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for entry in manifest.files:
        yield {
            "@type": "cr:FileObject",
            "@id": entry.path,
            "name": entry.path,
            "contentUrl": entry.path,
            "contentSize": f"{entry.size_bytes} B",
            "encodingFormat": _TAR if entry.tar_place else _PARQUET,
            "sha256": entry.sha256,
        }


def _record_sets(manifest: Manifest) -> Iterator[dict[str, Any]]:
    found = [(name, fields_of(name, columns)) for name, _, columns in _layouts(manifest)]
    found += [(name, tar_fields_of(name, columns)) for name, _, columns in _tar_layouts(manifest)]
    for name, fields in found:
        key = {"@id": f"{name}/{ID_FIELD}"}
        yield {"@type": "cr:RecordSet", "@id": name, "name": name, "key": key, "field": fields}
