"""The demo: a small catalog made from eight musical grammars, and the report of a run as one HTML file."""

from whitelight.demo.catalog import DemoCatalogReport, write_demo_catalog
from whitelight.demo.proposals import DemoProposal, write_demo_proposals
from whitelight.demo.report import ReportData, report_data, write_report
from whitelight.demo.unheard import UnheardSong, write_unheard_songs

__all__ = [
    "DemoCatalogReport",
    "DemoProposal",
    "ReportData",
    "UnheardSong",
    "report_data",
    "write_demo_catalog",
    "write_demo_proposals",
    "write_report",
    "write_unheard_songs",
]
