"""The report of a run as one HTML file that needs no network: catalog, color map, evaluation, composed candidates."""

from whitelight.demo.report.adapters import report_data
from whitelight.demo.report.data import ReportData
from whitelight.demo.report.page import write_report

__all__ = ["ReportData", "report_data", "write_report"]
