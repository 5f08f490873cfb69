from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.licenses import may_be_passed_on
from equime_builder.records import Demographics, Reject
from equime_generation.faces import Face
from equime_generation.gate import admit, rules_named
from equime_generation.landmarks import FaceFinder
from equime_generation.sources import open_source
from tests.generation.face_sets import ffhq_entry, ffhq_folder, portrait, put

BY, BY_NC = "https://creativecommons.org/licenses/by/2.0/", "https://creativecommons.org/licenses/by-nc/2.0/"
NAMED = {
    BY: "CC BY 2.0",
    BY_NC: "CC BY-NC 2.0",
    "https://creativecommons.org/publicdomain/mark/1.0/": "Public Domain Mark 1.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
    "http://www.usa.gov/copyright.shtml": "US Government Work",
    "https://creativecommons.org/licenses/by-nd/2.0/": "undeclared",
    "": "undeclared",
}


def test_the_layout_as_distributed(tmp_path: Path) -> None:
    first, second = open_source(f"ffhq:{ffhq_folder(tmp_path, {42: BY, 1001: BY_NC})}")
    assert (first.name, first.subject_id, first.license) == ("00000/00042.png", "ffhq-00042", "CC BY 2.0")
    assert (second.name, second.subject_id, second.license) == ("01000/01001.png", "ffhq-01001", "CC BY-NC 2.0")
    assert first.demographics == Demographics()
    assert first.read() == b"00000/00042.png"


@pytest.mark.parametrize(("url", "name"), NAMED.items())
def test_each_photo_has_the_licence_of_its_author(tmp_path: Path, url: str, name: str) -> None:
    (photo,) = open_source(f"ffhq:{ffhq_folder(tmp_path, {0: url})}")
    assert photo.license == name
    assert may_be_passed_on(photo.license) is (None if name == "undeclared" else True)


def test_nothing_of_the_author_is_taken(tmp_path: Path) -> None:
    kept = pickle.dumps(open_source(f"ffhq:{ffhq_folder(tmp_path, {42: BY})}"))
    assert not [word for word in (b"Erika", b"flickr", b"DSC0001") if word in kept]


def test_without_metadata_no_licence_is_claimed(tmp_path: Path) -> None:
    (ffhq_folder(tmp_path, {42: BY}) / "ffhq-dataset-v2.json").unlink()
    (photo,) = open_source(f"ffhq:{tmp_path}")
    assert photo.license == "undeclared"


def test_large_images_go_before_thumbnails_and_a_flat_folder_will_do(tmp_path: Path) -> None:
    put(tmp_path / "thumbnails128x128" / "00000" / "00042.png", b"small")
    assert [photo.read() for photo in open_source(f"ffhq:{tmp_path}")] == [b"small"]
    ffhq_folder(tmp_path, {42: BY})
    assert [photo.read() for photo in open_source(f"ffhq:{tmp_path}")] == [b"00000/00042.png"]
    put(tmp_path / "flat" / "00007.png", b"flat")
    put(tmp_path / "flat" / "me.png", b"me")
    flat = open_source(f"ffhq:{tmp_path}/flat")
    assert [(photo.name, photo.subject_id) for photo in flat] == [("00007.png", "ffhq-00007"), ("me.png", None)]


def test_the_gate_takes_the_large_one_and_refuses_its_thumbnail(tmp_path: Path, finder: FaceFinder) -> None:
    put(tmp_path / "thumbnails128x128" / "00000" / "00042.png", portrait(1, 128))
    thumbnail = open_source(f"ffhq:{tmp_path}")
    reasons = [
        [outcome.reason for outcome in admit(thumbnail, finder, rules=rules) if isinstance(outcome, Reject)]
        for rules in (rules_named("small_face"), rules_named("upscaled"))
    ]
    assert reasons == [["small_face"], ["upscaled"]]
    ffhq_folder(tmp_path, {42: BY}, {42: portrait(1)})
    (face,) = admit(open_source(f"ffhq:{tmp_path}"), finder)
    assert isinstance(face, Face)
    assert (face.subject.id, face.subject.source_license) == ("ffhq-00042", "CC BY 2.0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must hold an object with an entry a photo"),
        (b"\xff", "must be UTF-8 text"),
    ],
)
def test_bad_metadata_stop_with_one_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    put(ffhq_folder(tmp_path, {42: BY}) / "ffhq-dataset-v2.json", text)
    with pytest.raises(UsageError, match=f"^ffhq-dataset-v2.json .*{message}") as caught:
        open_source(f"ffhq:{tmp_path}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("entry", [3, None, [], {"metadata": 3}, {"metadata": {"license_url": 3}}, {"metadata": {}}])
def test_an_entry_of_another_shape_declares_nothing(tmp_path: Path, entry: object) -> None:
    text = json.dumps({"42": entry, "x": 1, "9" * 5000: {}, "²": ffhq_entry(42, BY)})
    put(ffhq_folder(tmp_path, {42: BY}) / "ffhq-dataset-v2.json", text)
    (photo,) = open_source(f"ffhq:{tmp_path}")
    assert photo.license == "undeclared"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["0", "metadata", "license_url", "a"]), inner),
        max_leaves=8,
    )
)
def test_any_json_gives_a_known_licence_or_a_complaint(content: object) -> None:
    licenses = set()
    with tempfile.TemporaryDirectory() as folder:
        put(ffhq_folder(Path(folder), {0: BY}) / "ffhq-dataset-v2.json", json.dumps(content))
        try:
            licenses = {photo.license for photo in open_source(f"ffhq:{folder}")}
        except UsageError as error:
            assert "must hold an object" in str(error)  # noqa: PT017
    assert licenses <= {*NAMED.values()}
