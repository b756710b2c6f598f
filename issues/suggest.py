"""Which office can most likely solve an issue: by theme and place, from what offices answer for."""

from collections.abc import Collection, Iterable

from provinces.models import Authority

DISTRICT_LENGTH = 4  # a commune's code begins with that of its district


def suggested(
    offices: Iterable[Authority], *, of_theme: Collection[int], commune_id: str
) -> list[Authority]:
    """Of the offices an issue may be referred to the likely ones, the likeliest first.

    Those that answer for the theme in the commune, then in its district, then the provincial
    departments of the theme, at last the province's administration. ``of_theme`` are the keys
    of all offices that answer for the theme.
    """
    ranked = [(_rank(one, one.pk in of_theme, commune_id), one) for one in offices]
    found = [(rank, one) for rank, one in ranked if rank is not None]
    return [one for _rank_of_it, one in sorted(found, key=lambda pair: pair[0])]


def _rank(office: Authority, is_of_theme: bool, commune_id: str) -> int | None:
    """The smaller the likelier; None where there is no reason to suggest it."""
    if is_of_theme and office.locality_id == commune_id:
        return 0
    if is_of_theme and office.locality_id == commune_id[:DISTRICT_LENGTH]:
        return 1
    if is_of_theme and office.kind == Authority.Kind.DEPARTMENT:
        return 2
    return 3 if office.kind == Authority.Kind.ADMINISTRATION else None
