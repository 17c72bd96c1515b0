"""Models by name: numbered versions that never change, and aliases that are moved, moved back, and never without a trace."""

from whitelight.registry.log import Promotion
from whitelight.registry.registry import Registry, RegistryError, Version

__all__ = ["Promotion", "Registry", "RegistryError", "Version"]
