"""What the card says of WebDataset shards."""

from __future__ import annotations

from equime_builder.card_prose import table
from equime_builder.layout import TAR_FOLDER
from equime_builder.manifest import Manifest

_MEMBERS = (
    ("`<id>.mp4`", "the clip"),
    ("`<id>.txt`", "its prompt"),
    ("`<id>.json`", "all other columns of its row, the emotion by its name"),
)


def tar_section(manifest: Manifest) -> str:
    """Return the section in Markdown."""
    rows = sum(entry.rows for entry in manifest.tars)
    beside = (
        "These are all clips of this dataset: rows have the columns `mp4`, `txt` and `json`, whose fields are the "
        "columns named above."
        if manifest.is_tar_only
        else "These are the clips of the Parquet files once more."
    )
    return f"""\
## WebDataset

`{TAR_FOLDER}/<emotion>/<split>-<number>.tar` hold {rows} clips as tar files for training loops that read them from
start to end. {beside}

{table(["member", "content"], [list(member) for member in _MEMBERS])}

```python
import webdataset

clips = webdataset.WebDataset("{manifest.tars[0].path}", shardshuffle=False).decode()
```"""
