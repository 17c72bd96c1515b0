"""Collecting problems while one file is read: where, what, and what was done about it."""

from typing import Any

from whitelight.catalog.song import Problem, Severity


class ProblemLog:
    """Problems of one file, in the order they are met; YAML lines are looked up only when there is one to report."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._text = text
        self._root: Any = None

    def add(
        self,
        code: str,
        message: str,
        action: str,
        *,
        line: int = 0,
        at: tuple[str | int, ...] = (),
        severity: Severity = "warning",
    ) -> None:
        """Report one problem.

        Parameters
        ----------
        line : 1-based line, when the caller knows it.
        at : path of keys and list positions into the YAML, when it does not.
        """
        self.problems.append(Problem(self.file, line or self.line_of(at), code, message, action, severity))

    def line_of(self, at: tuple[str | int, ...]) -> int:
        """Line of a value in the YAML, of its nearest parent when it is absent; 0 without a YAML text."""
        if not at or not self._text or not self.file.endswith((".yml", ".yaml")):
            return 0
        if self._root is None:
            from ruamel.yaml import YAML  # noqa: PLC0415  only needed when there is a problem

            self._root = YAML(typ="safe", pure=True).compose(self._text)
        node, line = self._root, 0
        for step in at:
            children = getattr(node, "value", None)
            if not isinstance(children, list):
                break
            is_mapping = bool(children) and isinstance(children[0], tuple)
            if isinstance(step, int) != (not is_mapping):
                break
            if isinstance(step, int):
                if step >= len(children):
                    break
                node = children[step]
                line = node.start_mark.line + 1
            else:
                found = [(key, value) for key, value in children if getattr(key, "value", None) == step]
                if not found:
                    break
                line, node = found[0][0].start_mark.line + 1, found[0][1]
        return line

    def text_line(self, part: str) -> int:
        """Line of the first occurrence of `part` in the text, 0 when it is not there."""
        place = self._text.find(part)
        return 0 if place < 0 else self._text.count("\n", 0, place) + 1
