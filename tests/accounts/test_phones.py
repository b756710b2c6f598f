import pytest

from accounts import phones


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("012345678", "+85512345678"),
        ("0972 345 678", "+855972345678"),
        ("០១២ ៣៤៥ ៦៧៨", "+85512345678"),
        ("០១២\u200b៣៤៥\u200b៦៧៨", "+85512345678"),
        ("+855 12-345-678", "+85512345678"),
        ("00855 12 345 678", "+85512345678"),
        ("(012) 345.678", "+85512345678"),
        ("+41 44 668 18 00", "+41446681800"),
        ("12345", ""),
        ("sokha", ""),
        ("0123456789012", ""),
        ("", ""),
    ],
)
def test_normal_understands_local_form_and_khmer_digits(typed, number):
    assert phones.normal(typed) == number
