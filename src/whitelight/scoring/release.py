"""The release gate as it is stored in a bundle, and the refusal of a scorer that did not pass it.

A gate is a list of criteria, each a list of checks. A check compares one number with its limit in one place (a view, a
class). Where too few songs were held out there is nothing to compare: the check is *not judged*, and that is said.
`training.gate` fills it in; nothing here measures.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whitelight.errors import WhitelightError

PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not judged"
SCORER, JUDGE = "scorer", "judge"
SHOWN_CHECKS = 3


class GateError(WhitelightError):
    """A scorer that must not be used as fitness."""


@dataclass(frozen=True, slots=True)
class Check:
    """One number against its limit.

    Attributes
    ----------
    where : view, class, or both. found : what was measured, None where nothing could be. limit : what it is held to.
    at_most : the limit is the largest value allowed, else the smallest. n : held-out rows behind it.
    note : why it was not judged.
    """

    where: str
    found: float | None
    limit: float
    at_most: bool
    n: int
    note: str = ""

    @property
    def status(self) -> str:
        """Passed, failed or not judged."""
        if self.found is None:
            return NOT_JUDGED
        return PASSED if (self.found <= self.limit if self.at_most else self.found >= self.limit) else FAILED

    @property
    def slack(self) -> float:
        """How far it is from failing, as a share of the limit; negative when it fails."""
        if self.found is None:
            return float("inf")
        return (self.limit - self.found if self.at_most else self.found - self.limit) / max(abs(self.limit), 1e-9)

    def text(self) -> str:
        """Say place, value and limit."""
        if self.found is None:
            return f"{self.where}: not judged ({self.note})"
        return f"{self.where} {self.found:.2f} (expected {'at most' if self.at_most else 'at least'} {self.limit:.2f})"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the five questions.

    Attributes
    ----------
    name : short. question : what is asked, in words.
    """

    name: str
    question: str
    checks: tuple[Check, ...]

    @property
    def status(self) -> str:
        """Failed when a check failed, not judged when none was judged, else passed."""
        found = {check.status for check in self.checks}
        return FAILED if FAILED in found else PASSED if PASSED in found else NOT_JUDGED

    def worst(self) -> list[Check]:
        """Return the judged checks, the nearest to failing first."""
        return sorted((c for c in self.checks if c.found is not None), key=lambda check: check.slack)

    def line(self) -> str:
        """Say how it went in one line."""
        judged, skipped = self.worst(), [c for c in self.checks if c.found is None]
        failed = [c for c in judged if c.status == FAILED]
        parts = [f"{len(judged) - len(failed)} of {len(judged)} checks passed"] if judged else []
        shown = failed[:SHOWN_CHECKS] or judged[:1]
        parts += [("" if failed else "nearest: ") + "; ".join(c.text() for c in shown)] if shown else []
        parts += [f"{len(failed) - SHOWN_CHECKS} more"] if len(failed) > SHOWN_CHECKS else []
        if skipped:
            more = "" if len(skipped) <= SHOWN_CHECKS else f" and {len(skipped) - SHOWN_CHECKS} more"
            named = ", ".join(f"{c.where} ({c.note})" for c in skipped[:SHOWN_CHECKS]) + more
            parts.append(f"not judged: {named}" if judged else named)
        return f"{self.name}: {self.status}; " + ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for the bundle."""
        checks = [{**asdict(check), "status": check.status} for check in self.checks]
        return {"name": self.name, "question": self.question, "status": self.status, "checks": checks}


@dataclass(frozen=True, slots=True)
class Gate:
    """All criteria and the verdict."""

    criteria: tuple[Criterion, ...]

    @property
    def status(self) -> str:
        """Failed when a criterion failed, not judged when one could not be judged, else passed."""
        found = {criterion.status for criterion in self.criteria}
        return next((status for status in (FAILED, NOT_JUDGED) if status in found), PASSED)

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        yield f"release gate: {self.status}"
        yield from (f"  {criterion.line()}" for criterion in self.criteria)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for the bundle."""
        return {"status": self.status, "criteria": [criterion.to_dict() for criterion in self.criteria]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Gate":
        """Read what `to_dict` wrote; statuses are worked out anew."""
        fields = ("where", "found", "limit", "at_most", "n", "note")
        return cls(
            tuple(
                Criterion(
                    c["name"], c["question"], tuple(Check(**{f: check[f] for f in fields}) for check in c["checks"])
                )
                for c in record["criteria"]
            )
        )


def refusal(record: Mapping[str, Any]) -> str | None:
    """Say why a scorer must not compose, or None when it may.

    Parameters
    ----------
    record : the content of `bundle.json`.
    """
    gate = Gate.from_dict(record["gate"])
    if gate.status == PASSED:
        return None
    unmet = [criterion for criterion in gate.criteria if criterion.status == gate.status]
    reasons = ". ".join(criterion.line() for criterion in unmet)
    what = "did not pass its release gate" if gate.status == FAILED else "could not be judged by its release gate"
    return f"the scorer {what}. {reasons}"


def refuse_unfit(scorer: object, *, force: bool) -> None:
    """Refuse to compose with a judge, or with a scorer that did not pass its gate unless `force` is given.

    Anything without a bundle's record (a stand-in) has no gate and is let through.

    Raises
    ------
    GateError : with the criterion, what was found and what was expected.
    """
    record = getattr(scorer, "record", None)
    if record is None:
        return
    if record["training"]["role"] == JUDGE:
        raise GateError(
            "this model is a judge: it says whether a search composed or fooled the scorer, and would be worth nothing "
            "once it had been searched with; compose with the scorer trained beside it"
        )
    reason = None if force else refusal(record)
    if reason is not None:
        raise GateError(f"{reason}; add songs and train again, or pass --force")
