"""Loading and changing what all other rooms stand on: places, themes, authorities, holidays."""

from provinces.actions.lists import add_honorific, add_theme, change_honorific, change_theme
from provinces.actions.loading import Loaded, load_gazetteer, proposed_holidays
from provinces.actions.offices import assign_themes, save_contact, set_superior
from provinces.actions.roads import load_roads, set_road_time

__all__ = [
    "Loaded",
    "add_honorific",
    "add_theme",
    "assign_themes",
    "change_honorific",
    "change_theme",
    "load_gazetteer",
    "load_roads",
    "proposed_holidays",
    "save_contact",
    "set_road_time",
    "set_superior",
]
