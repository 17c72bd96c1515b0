"""Publishing a dataset as a Hugging Face dataset repository, into a folder or on the hub."""

from whitelight.dataset.publish.errors import HubError, LeakError, OccupiedError, PublishError, UnlicensedError
from whitelight.dataset.publish.plan import DEFAULT_PREVIEW, Plan, PublishSettings, plan_publication
from whitelight.dataset.publish.publishing import PublishReport, make_plan, plan_lines, publish_dataset
from whitelight.dataset.publish.record import Publication, read_record
from whitelight.dataset.publish.version import Version

__all__ = [
    "DEFAULT_PREVIEW",
    "HubError",
    "LeakError",
    "OccupiedError",
    "Plan",
    "Publication",
    "PublishError",
    "PublishReport",
    "PublishSettings",
    "UnlicensedError",
    "Version",
    "make_plan",
    "plan_lines",
    "plan_publication",
    "publish_dataset",
    "read_record",
]
