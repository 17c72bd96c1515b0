"""What a color is, where it lies, and how far it is from another. The facts are data: `rainbow.yml`, `emopia.yml`."""

from whitelight.ontology.loading import load_ontology, ontology_from_classes, shipped_ontologies
from whitelight.ontology.model import (
    Axis,
    Ontology,
    OntologyClass,
    PointName,
    UnknownAxisError,
    UnknownClassError,
)
from whitelight.ontology.records import InvalidOntologyError
from whitelight.ontology.target import InvalidTargetError, Target, mix
from whitelight.ontology.transmigration import Distance, Feasibility, PathStep, distance, feasibility, path

__all__ = [
    "Axis",
    "Distance",
    "Feasibility",
    "InvalidOntologyError",
    "InvalidTargetError",
    "Ontology",
    "OntologyClass",
    "PathStep",
    "PointName",
    "Target",
    "UnknownAxisError",
    "UnknownClassError",
    "distance",
    "feasibility",
    "load_ontology",
    "mix",
    "ontology_from_classes",
    "path",
    "shipped_ontologies",
]
