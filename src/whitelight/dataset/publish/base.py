"""The base table a dataset carries."""

from hashlib import sha256

import pyarrow as pa

from whitelight.catalog.table import read_base_table
from whitelight.dataset.build import BASE
from whitelight.dataset.dataset import DamagedDatasetError, Dataset
from whitelight.errors import WhitelightError


def read_base(dataset: Dataset) -> pa.Table:
    """Return the base table of the catalog the dataset was built from, without metadata.

    Raises
    ------
    DamagedDatasetError : missing, damaged, or not the one the manifest names.
    """
    file = dataset.path / BASE
    try:
        found = sha256(file.read_bytes()).hexdigest()
        table = read_base_table(file)
    except (OSError, WhitelightError) as err:
        raise DamagedDatasetError(f"{file} cannot be read ({err}); build the dataset again") from err
    if found != dataset.manifest.base_sha256:
        raise DamagedDatasetError(f"{file} is not the file the manifest was written for; build the dataset again")
    return table.replace_schema_metadata(None)
