"""A recipe release from the plan alone: who is to be seen doing what, before anybody rendered it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder import __version__
from equime_builder.errors import UsageError
from equime_builder.folder import licence_text
from equime_builder.hub.contents import numbered
from equime_builder.layout import (
    CARD_FILE,
    LICENSE_FILE,
    PLAN_FILE,
    RECIPE_FILE,
    REJECTS_FILE,
    SUBJECTS_FILE,
    TABLE_FILES,
)
from equime_builder.manifest import Manifest, entry_of, stated_manifest, write_manifest
from equime_builder.publish import publish_text
from equime_builder.tables import write_plans, write_rejects, write_subjects
from equime_generation.finish import CONFIG_FILE, by_shard
from equime_generation.parts import cut_into_parts

if TYPE_CHECKING:
    from equime_generation.outlook import Outlook


def write_planned_release(outlook: Outlook, out: Path) -> Path:
    """Write plans, people, settings and what they would cost; ``recipe.json`` comes last and lists no shard.

    The table of plans is, byte for byte, the one that ``equime render`` with these settings and photos writes. There is
    no hash of a clip or a shard: what was never rendered has none.

    Args:
        out: A new or empty folder, or one with an earlier release of a plan.

    Returns:
        The path of ``recipe.json``.

    Raises:
        UsageError: ``out`` holds something else.
        OutputError: The folder cannot be written.
    """
    _refuse_other_folder(out)
    (out / RECIPE_FILE).unlink(missing_ok=True)
    config, people = outlook.config, list(outlook.subjects.values())
    parts = list(cut_into_parts(outlook.plans, outlook.placements, config))
    write_subjects(out / SUBJECTS_FILE, people, outlook.placements)
    write_plans(out / PLAN_FILE, by_shard(parts))
    write_rejects(out / REJECTS_FILE, numbered(outlook.refused, config.faces))
    publish_text(out / CONFIG_FILE, config.to_toml())
    publish_text(out / LICENSE_FILE, licence_text(people))
    publish_text(out / CARD_FILE, _card(outlook))
    entries = tuple(entry_of(out, name) for name in sorted(TABLE_FILES))
    return write_manifest(out, Manifest(code_version=__version__, config=config.recipe, files=entries), RECIPE_FILE)


def _refuse_other_folder(out: Path) -> None:
    is_new = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not is_new and not ((out / RECIPE_FILE).is_file() and stated_manifest(out).is_planned):
        raise UsageError(f"{out} holds something that is no release of a plan; choose a new or empty folder")


def _card(outlook: Outlook) -> str:
    faces = outlook.config.recipe["faces"]
    notes = "\n".join(f"- {line}" for line in outlook.notes())
    tables = "\n\n".join("\n".join(_table(*table)) for table in outlook.tables())
    return f"""\
---
license: cc-by-nc-4.0
tags: [micro-expression, synthetic, recipe-release]
configs:
- config_name: plans
  data_files: {PLAN_FILE}
---

# EquiME, a plan

{len(outlook.plans)} video clips of facial micro-expressions that nobody has rendered yet: every plan to the last digit,
and the hash of every photo. There are no clips, so there are no hashes of clips that could be checked.

```console
$ pip install "equime[render]=={__version__}"
$ equime render --config {CONFIG_FILE} --faces {faces} --out equime
```

makes them; with the same photos `equime/{PLAN_FILE}` has the bytes of the one here. Clips that miss their plan at every
attempt are dropped then, so that there may be fewer.

{notes}

{tables}
"""


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"## {title}\n"
    for row in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(row)} |"
