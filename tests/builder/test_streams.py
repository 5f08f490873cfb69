import hashlib

from equime_builder.streams import key_of, stream


def test_a_key_is_the_first_half_of_the_hash_of_its_parts() -> None:
    assert key_of(7, "fear-001", "timing") == int(hashlib.sha256(b"7/fear-001/timing").hexdigest()[:32], 16)


def test_streams_depend_on_their_key_alone() -> None:
    first, again, other = (stream(0, name).random(4).tolist() for name in ("a", "a", "b"))
    assert first == again
    assert first != other
