"""Rebracketing labels of texts: nine types with evidence, six continuous measures; see `docs/rebracketing.md`.

from whitelight.dataset.rebracketing import label_text
label_text("It used to be Space, now it's Here.").types   # ("spatial", "temporal", …)
"""

from whitelight.dataset.rebracketing.label import MEASURES, Evidence, Rebracketing, label_text, type_names

__all__ = ["MEASURES", "Evidence", "Rebracketing", "label_text", "type_names"]
