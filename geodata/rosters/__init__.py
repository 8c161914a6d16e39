"""School lists as the ministry publishes them, in any usual shape, joined by code into one table of placed schools.

No sentence for people is made here: what was mended and what is odd comes as notes (code, place, values). What a
course group means for the programme is not known here either; the groups are handed on as the lists name them.
"""

from geodata.rosters.joining import FileSummary, Joined, Member, join_lists
from geodata.rosters.notes import Note, RosterFileError, Spot
from geodata.rosters.placing import FAR_KM, Placement, place_school
from geodata.rosters.reading import Table, read_tables

__all__ = [
    "FAR_KM",
    "FileSummary",
    "Joined",
    "Member",
    "Note",
    "Placement",
    "RosterFileError",
    "Spot",
    "Table",
    "join_lists",
    "place_school",
    "read_tables",
]
