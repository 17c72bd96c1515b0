"""The demo catalog, written once for all tests of the room; nobody may change it."""

import pytest

from whitelight.demo.catalog import DemoCatalogReport, write_demo_catalog


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalogReport:
    return write_demo_catalog(tmp_path_factory.mktemp("demo") / "catalog", audio=False)
