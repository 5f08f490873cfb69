from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from equime_builder.errors import DatasetError, MediaError, OutputError, UsageError
from equime_builder.gallery import write_gallery
from equime_builder.gallery.drawing import PLOT_HEIGHT, TOP, axes_of, curve_drawing
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.gallery.pictures import amplified_difference, moments_of
from equime_builder.rows import Row
from equime_builder.shards import write_rows

EVIL = "\"><script>alert('1')</script><img src=x onerror=alert(2)>&amp;"
Edit = Callable[[Row], object]


class Page(HTMLParser):
    """Collects elements with their attributes, and the text inside each kind of element."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.elements[-1][0] if self.elements else "", data))

    def all(self, tag: str, class_: str | None = None) -> list[dict[str, str | None]]:
        found = [attributes for name, attributes in self.elements if name == tag]
        return [one for one in found if class_ is None or class_ in (one.get("class") or "").split()]

    def addresses(self) -> list[str]:
        keys = ("href", "src", "poster", "action", "srcset", "data", "xlink:href")
        return [value for _, one in self.elements for key in keys if (value := one.get(key)) is not None]


def rows_of_shard(path: Path) -> list[Row]:
    rows: list[Row] = pq.read_table(path).to_pylist()
    for row in rows:
        row["recipe"] = json.loads(row["recipe"])
        row["messages"] = [json.loads(message) for message in row["messages"]]
    return rows


@pytest.fixture
def edited(tiny_dataset: Path, tmp_path: Path) -> Callable[[Edit], Path]:
    """Returns a folder with the two rows of one shard, after an edit of the first."""

    def build(edit: Edit) -> Path:
        rows = rows_of_shard(tiny_dataset / "data/fear/train-00000.parquet")
        edit(rows[0])
        write_rows(tmp_path / "edited/data/fear/train-00000.parquet", rows)
        return tmp_path / "edited"

    return build


@pytest.fixture(scope="module")
def written(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose gallery is written; only read."""
    folder = Path(shutil.copytree(tiny_dataset, tmp_path_factory.mktemp("written") / "copy"))
    write_gallery(folder)
    return folder


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page(written / "gallery/index.html")


@pytest.fixture
def root(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "copy"))


@pytest.fixture
def row(tiny_dataset: Path) -> Row:
    return rows_of_shard(tiny_dataset / "data/fear/train-00000.parquet")[0]


def test_each_clip_has_an_entry_with_its_files(written: Path, page: Page) -> None:
    wanted = {row["id"]: row for path in sorted(written.glob("data/*/*.parquet")) for row in rows_of_shard(path)}
    assert {one["id"] for one in page.all("article", "clip")} == {f"clip-{clip_id}" for clip_id in wanted}
    for clip_id, row in wanted.items():
        video = written / f"gallery/clips/{clip_id}.mp4"
        assert video.read_bytes() == row["video"]["bytes"]
        assert f"clips/{clip_id}.mp4" in page.addresses()
        for kind in ("neutral", "later", "change"):
            assert f"frames/{clip_id}-{kind}.jpg" in page.addresses()
            with Image.open(written / f"gallery/frames/{clip_id}-{kind}.jpg") as picture:
                assert picture.size == (512, 512)


def test_entries_carry_what_filters_and_players_need(page: Page) -> None:
    fear = next(one for one in page.all("article") if one["id"] == "clip-fear-t001-00")
    assert (fear["data-emotion"], fear["data-subject"], fear["data-aus"]) == ("fear", "t001", "1 2 4")
    assert (fear["data-fps"], fear["data-frames"], fear["data-start"], fear["data-stop"]) == ("24.0", "144", "54", "71")
    neutral = next(one for one in page.all("article") if one["id"] == "clip-neutral-t001-00")
    assert "data-start" not in neutral
    assert neutral["data-aus"] == ""


def test_few_are_shown_and_all_are_counted(root: Path) -> None:
    page = Page(write_gallery(root, clips_per_emotion=1))
    assert sorted(one["data-emotion"] or "" for one in page.all("article")) == ["anger", "fear", "neutral"]
    words = " ".join(text for _, text in page.texts)
    assert "18 clips of 3 people; 3 are shown here" in words
    assert len(list((root / "gallery/clips").iterdir())) == 3
    assert len(list((root / "gallery/frames").iterdir())) == 9


def test_nothing_points_to_the_network_or_out_of_the_folder(written: Path, page: Page) -> None:
    path = written / "gallery/index.html"
    for address in page.addresses():
        assert address.startswith("#") or (path.parent / address).is_file(), address
        assert ".." not in PurePosixPath(address).parts
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?:|url\(|@import|\bfetch\(|XMLHttpRequest|//[a-z]", text)


def test_the_policy_allows_the_own_script_alone(page: Page) -> None:
    script = next(text for name, text in page.texts if name == "script")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(one["content"] or "" for one in page.all("meta") if "http-equiv" in one)
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}';" in policy
    assert len(page.all("script")) == 1


def test_pictures_have_words_sizes_and_load_late(page: Page) -> None:
    pictures = page.all("img")
    assert len(pictures) == 4 * 18
    assert all(one["alt"] and one["loading"] == "lazy" and one["width"] and one["height"] for one in pictures)
    assert not page.all("video"), "videos are made on demand"


def test_hostile_texts_are_escaped(edited: Callable[[Edit], Path]) -> None:
    columns = (
        "id", "plan_id", "subject_id", "caption", "prompt", "negative_prompt", "gender", "age_group", "skin_tone",
        "ethnicity", "demographics_source", "source", "source_license", "renderer", "generated_with", "codec",
        "encoder_profile",
    )  # fmt: skip
    page = Page(write_gallery(edited(lambda row: row.update(dict.fromkeys(columns, EVIL)))))
    assert len(page.all("script")) == 1
    assert not [one for _, one in page.elements if "onerror" in one or one.get("src") == "x"]
    assert sum(text.count(EVIL) for _, text in page.texts) >= len(columns), "shown as it is"


@pytest.mark.parametrize("field", ["side", "level"])
def test_hostile_words_that_no_unit_has_are_refused(edited: Callable[[Edit], Path], field: str) -> None:
    with pytest.raises(DatasetError, match=rf"a row's aus\.{field} is none that a clip can have"):
        write_gallery(edited(lambda row: row["aus"][0].update({field: EVIL})))


def test_hostile_words_inside_aus_and_measured_are_escaped(edited: Callable[[Edit], Path]) -> None:
    def edit(row: Row) -> None:
        row["aus"][0].update(name=EVIL)
        row["measured"] = dict.fromkeys(["onset_frame", "apex_frame", "offset_frame", "motion_px"]) | {
            "motion_iod": None, "correlation": None, "slope": None, "outside_px": None, "peaks": 0, "measured_by": EVIL
        }  # fmt: skip

    page = Page(write_gallery(edited(edit)))
    assert len(page.all("script")) == 1
    assert not [one for _, one in page.elements if "onerror" in one]


@pytest.mark.parametrize(
    "clip_id", ["../../../outside", "/outside", "C:outside", "con", "a/b", "", "x" * 300, "İ\u202e"]
)
def test_an_id_never_becomes_a_path(edited: Callable[[Edit], Path], clip_id: str) -> None:
    folder = edited(lambda row: row.update(id=clip_id))
    page = Page(write_gallery(folder))
    videos = sorted((folder / "gallery/clips").iterdir())
    assert len(videos) == 2
    assert all(re.fullmatch(r"[a-z0-9_-]{5,100}\.mp4", video.name) for video in videos)
    assert {f"clips/{video.name}" for video in videos} == {one["href"] for one in page.all("a", "screen")}
    assert not list(folder.parent.glob("outside*"))


def test_the_same_shards_give_the_same_bytes_anywhere(root: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(root, tmp_path / "elsewhere"))

    def everything(folder: Path) -> dict[str, bytes]:
        write_gallery(folder)
        files = (path for path in (folder / "gallery").rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    first = everything(root)
    assert first == everything(other)
    assert first == everything(root), "also over an older one"


def test_what_is_no_longer_shown_is_removed(root: Path) -> None:
    write_gallery(root)
    (root / "gallery/notes.txt").write_text("mine")
    shutil.rmtree(root / "data/fear")
    write_gallery(root)
    assert not list((root / "gallery").rglob("fear*"))
    assert len(list((root / "gallery/clips").iterdir())) == 12
    assert (root / "gallery/notes.txt").exists()


def test_the_change_is_magnified_on_grey() -> None:
    neutral = np.full((2, 2, 3), 100, np.uint8)
    later = neutral.copy()
    later[0, 0] = 105
    later[0, 1] = 97
    later[1, 0, 0] = 110  # red alone: 8 x .299 x 10 = 23.92
    later[1, 1] = 130
    assert amplified_difference(neutral, later).tolist() == [[168, 104], [152, 255]]
    assert amplified_difference(neutral, later, gain=1).tolist() == [[133, 125], [131, 158]]
    assert amplified_difference(later, later).tolist() == [[128, 128], [128, 128]]


def test_the_written_change_is_that_of_the_frames(written: Path) -> None:
    with Image.open(written / "gallery/frames/neutral-t001-00-change.jpg") as still:
        assert np.abs(np.asarray(still).astype(int) - 128).max() <= 2
    with Image.open(written / "gallery/frames/fear-t001-00-change.jpg") as moved:
        assert np.asarray(moved)[256, 2:8].mean() > 250, "the gradient wraps around at the left edge"


def test_moments(row: Row) -> None:
    moments = moments_of(row)
    assert (moments.neutral, moments.later, moments.later_name) == (57, 62, "apex")
    early = moments_of({**row, "onset_frame": 1, "apex_frame": 4})
    assert early.neutral == 0
    negative = moments_of({**row, "onset_frame": None, "apex_frame": None})
    assert (negative.neutral, negative.later, negative.later_name) == (10, 72, "later")
    blink = [{"kind": "blink", "onset_frame": 30, "apex_frame": 32, "offset_frame": 36}]
    assert moments_of({**row, "onset_frame": None, "apex_frame": None, "distractors": blink}).later == 32


@pytest.mark.parametrize(("onset", "apex"), [(60, 144), (-8, -9), (90, 80), (60, 10**9)])
def test_impossible_frames_are_refused(row: Row, onset: int, apex: int) -> None:
    with pytest.raises(DatasetError, match="0 <= onset < apex < 144"):
        moments_of({**row, "onset_frame": onset, "apex_frame": apex})


def lines_of(drawing: Markup) -> dict[str, list[tuple[float, float]]]:
    found = re.findall(r'<polyline points="([^"]*)" class="au c\d (?:left|right)" data-au="([^"]*)">', drawing)
    return {
        name: [(float(pair.split(",")[0]), float(pair.split(",")[1])) for pair in points.split()]
        for points, name in found
    }


def test_lines_are_the_planned_values(row: Row) -> None:
    lines = lines_of(curve_drawing(row, name="x"))
    axes = axes_of(row)
    assert set(lines) == {f"AU{au} {side}" for au in (1, 2, 4) for side in ("left", "right")}
    assert (axes.first, axes.last, axes.limit) == (54, 71, 0.6)
    width = lines["AU1 left"][1][0] - lines["AU1 left"][0][0]
    for unit in row["aus"]:
        corners = lines[f"AU{unit['au']} {unit['side']}"]
        frames = [unit["onset_frame"] + round((x - corners[0][0]) / width) for x, _ in corners]
        values = [axes.limit * (1 - (y - TOP) / PLOT_HEIGHT) for _, y in corners]
        assert frames == list(range(unit["onset_frame"], unit["offset_frame"] + 1))
        assert values == pytest.approx(unit["curve"], abs=1e-4)


def test_the_planned_frames_stand_where_the_lines_say(row: Row) -> None:
    drawing = curve_drawing(row, name="x")
    peak = lines_of(drawing)["AU1 left"][2][0]
    assert re.search(rf'<line x1="{peak:g}" x2="{peak:g}" [^>]*class="mark apex">', drawing)


def test_what_was_not_measured_is_said_and_never_zero(row: Row) -> None:
    assert "motion: not measured" in curve_drawing({**row, "measured": None}, name="x")
    nothing = dict.fromkeys(["onset_frame", "apex_frame", "offset_frame"])
    assert "no movement found" in curve_drawing({**row, "measured": nothing}, name="x")
    found = {"onset_frame": 60, "apex_frame": 63, "offset_frame": 66}
    assert "apex at frame 63" in curve_drawing({**row, "measured": found}, name="x")


def test_measured_figures_stand_beside_planned_ones(page: Page) -> None:
    words = [text for _, text in page.texts]
    assert words.count("measured") == 9
    assert words.count("not applicable") == 2 * 3
    assert words.count("none found") == 5 * 3
    assert {"1.50", "1.20%", "0.970", "0.90", "0.05"} <= set(words)
    assert any("median correlation 0.970, median slope 0.90, apex within one frame on 100.0%" in text for text in words)


def test_a_damaged_clip_is_named(edited: Callable[[Edit], Path]) -> None:
    folder = edited(lambda row: row["video"].update(bytes=b"no video"))
    with pytest.raises(MediaError, match=r"clip 'fear-t00\d-00': "):
        write_gallery(folder)


def test_usage_and_missing_data(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="clips_per_emotion must be 1 or more, got 0"):
        write_gallery(root, clips_per_emotion=0)
    with pytest.raises(DatasetError, match="no shard under data/"):
        write_gallery(tmp_path / "nothing")
    (root / "data/fear/train-00000.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DatasetError, match=r"data/fear/train-00000\.parquet: cannot be read"):
        write_gallery(root)


def test_a_place_that_cannot_be_written(root: Path) -> None:
    (root / "gallery").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        write_gallery(root)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (tag("p", "1 < 2", class_="sum"), '<p class="sum">1 &lt; 2</p>'),
        (tag("p", tag("b", "x & y"), " z"), "<p><b>x &amp; y</b> z</p>"),
        (tag("img", src='a"b', hidden=True, alt=None, data_x=0), '<img src="a&quot;b" hidden data-x="0">'),
        (joined("<", Markup("<br>")), "&lt;<br>"),
    ],
)
def test_markup(made: Any, wanted: str) -> None:
    assert made == wanted
