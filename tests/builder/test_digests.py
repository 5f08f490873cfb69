from __future__ import annotations

from pathlib import Path

import pytest

from equime_builder.digests import canonical_json, fingerprint, sha256_of_file


def test_sha256_of_known_text(tmp_path: Path) -> None:
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of_file(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_fingerprint_ignores_the_order_of_keys_and_nothing_else() -> None:
    assert fingerprint({"a": 1, "b": [0.1]}) == fingerprint({"b": [0.1], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1.0})
    assert fingerprint({}) == "44136fa355b3678a"  # sha256 of the two bytes {}


def test_canonical_json_knows_no_nan() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"x": float("inf")})
