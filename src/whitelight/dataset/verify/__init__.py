"""Whether a dataset is what its manifest says, whether it is what its source says, and what it holds."""

from whitelight.dataset.verify.verifying import VerifyReport, verify_dataset

__all__ = ["VerifyReport", "verify_dataset"]
