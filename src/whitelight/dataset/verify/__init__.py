"""Whether a dataset is what its manifest says, whether it is what its source says, and what it holds."""

from whitelight.dataset.verify.choosing import Recheck
from whitelight.dataset.verify.extract import extract_rows
from whitelight.dataset.verify.page import write_page
from whitelight.dataset.verify.report import VerifyReport
from whitelight.dataset.verify.verifying import verify_dataset

__all__ = ["Recheck", "VerifyReport", "extract_rows", "verify_dataset", "write_page"]
