"""Provinces, their places, roads and authorities, the themes they answer for, and closed days."""

from provinces.models.authorities import Authority, ContactPoint, Theme
from provinces.models.days import Holiday
from provinces.models.named import Honorific, Listed, Named
from provinces.models.places import (
    CAPITAL,
    CAPITAL_KM,
    PREFIXES_KM,
    PROVINCE_KM,
    Locality,
    Province,
)
from provinces.models.roads import RoadTime

__all__ = [
    "CAPITAL",
    "CAPITAL_KM",
    "PREFIXES_KM",
    "PROVINCE_KM",
    "Authority",
    "ContactPoint",
    "Holiday",
    "Honorific",
    "Listed",
    "Locality",
    "Named",
    "Province",
    "RoadTime",
    "Theme",
]
