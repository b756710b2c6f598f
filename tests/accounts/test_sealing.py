"""What is sealed opens under each of the keys, and under no other."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from accounts import sealing

VILLAGE = "ភូមិពូលុងសាក"
OLD, NEW = (Fernet.generate_key().decode() for _key in range(2))


def test_unseal_gives_back_what_was_sealed():
    sealed = sealing.seal({"village": VILLAGE})

    assert sealing.unseal(sealed) == {"village": VILLAGE}
    assert sealing.unseal(memoryview(sealed)) == {"village": VILLAGE}


def test_seal_says_nothing_and_never_the_same_twice():
    first, second = (sealing.seal({"village": VILLAGE}) for _time in range(2))

    assert first != second
    assert VILLAGE.encode() not in first
    assert b"village" not in first


def test_a_new_key_in_front_still_opens_the_old(settings):
    settings.FIELD_KEYS = [OLD]
    sealed = sealing.seal({"village": VILLAGE})
    settings.FIELD_KEYS = [NEW, OLD]

    assert sealing.unseal(sealed) == {"village": VILLAGE}
    fresh = sealing.seal({"village": VILLAGE})
    settings.FIELD_KEYS = [NEW]
    assert sealing.unseal(fresh) == {"village": VILLAGE}
    with pytest.raises(InvalidToken):
        sealing.unseal(sealed)


def test_without_a_key_it_stays_closed(settings):
    sealed = sealing.seal({"village": VILLAGE})
    settings.FIELD_KEYS = [NEW]

    with pytest.raises(InvalidToken):
        sealing.unseal(sealed)


def test_a_changed_byte_is_noticed():
    sealed = bytearray(sealing.seal({"village": VILLAGE}))
    sealed[20] ^= 1

    with pytest.raises(InvalidToken):
        sealing.unseal(bytes(sealed))


def test_reseal_leaves_what_the_newest_key_sealed(settings):
    settings.FIELD_KEYS = [OLD]
    sealed = sealing.seal({"village": VILLAGE})
    assert sealing.reseal(sealed) is None
    settings.FIELD_KEYS = [NEW, OLD]

    anew = sealing.reseal(memoryview(sealed))

    assert sealing.reseal(anew) is None
    settings.FIELD_KEYS = [NEW]
    assert sealing.unseal(anew) == {"village": VILLAGE}
    with pytest.raises(InvalidToken):
        sealing.reseal(sealed)
