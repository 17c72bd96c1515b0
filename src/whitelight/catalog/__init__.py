"""Songs from manifests, lyrics and media: time codes, checks, the base table, MIDI import, song proposals."""

from whitelight.catalog.check import BeatDistance, CheckReport, check_catalog, measure_beat_distances
from whitelight.catalog.import_midi import ImportReport, import_midi
from whitelight.catalog.labels import ImportMidiError
from whitelight.catalog.own_proposal import propose_from_words, say_anew, with_preferences
from whitelight.catalog.proposal import (
    NotAProposalError,
    Proposal,
    ProposalsReport,
    read_iterations,
    read_proposal,
    read_proposals,
)
from whitelight.catalog.propose import propose_songs
from whitelight.catalog.reader import NoCatalogError, read_catalog
from whitelight.catalog.settings import SettingsError
from whitelight.catalog.song import Catalog, FileTimeCodes, LyricLine, Problem, Section, Song, Stem
from whitelight.catalog.table import BASE_TABLE_SCHEMA, BASE_TABLE_VERSION, read_base_table, write_base_table
from whitelight.catalog.terms import License, Terms, TermsError
from whitelight.catalog.timecode import ENCODINGS, TimeCode

__all__ = [
    "BASE_TABLE_SCHEMA",
    "BASE_TABLE_VERSION",
    "ENCODINGS",
    "BeatDistance",
    "Catalog",
    "CheckReport",
    "FileTimeCodes",
    "ImportMidiError",
    "ImportReport",
    "License",
    "LyricLine",
    "NoCatalogError",
    "NotAProposalError",
    "Problem",
    "Proposal",
    "ProposalsReport",
    "Section",
    "SettingsError",
    "Song",
    "Stem",
    "Terms",
    "TermsError",
    "TimeCode",
    "check_catalog",
    "import_midi",
    "measure_beat_distances",
    "propose_from_words",
    "propose_songs",
    "read_base_table",
    "read_catalog",
    "read_iterations",
    "read_proposal",
    "read_proposals",
    "say_anew",
    "with_preferences",
    "write_base_table",
]
