"""Which folder a command means by MODEL: a bundle, or one of a registry by name."""

from pathlib import Path

REGISTRY = Path("registry")


def find_model(model: Path) -> Path:
    """Return the folder of a bundle.

    Parameters
    ----------
    model : a folder; or, where nothing lies there, ``name@alias`` or ``name@3`` of the registry in `registry/`, or of
        another one: ``elsewhere/name@alias``.

    Raises
    ------
    RegistryError : it is a reference, and not in the registry.
    """
    if model.exists() or "@" not in model.name:
        return model
    registry = model.parent if model.parent != Path() else REGISTRY
    if not registry.is_dir():
        return model
    from whitelight.registry import Registry  # noqa: PLC0415  keeps --help fast

    return Registry(registry).resolve(model.name)
