"""whitelight: a songwriter's own catalog as a fitness function, and music composed with it.

Rooms, left to right; imports point left only (``docs/architecture.md``):
ontology, music, catalog, dataset, encoders, scoring, then training and composition, then the command line.
"""

__version__ = "0.1.0"
