"""The texts of the page's modules: a widget has one module and one style sheet, and ours share some of theirs."""

from pathlib import Path

_STATIC = Path(__file__).parent / "static"


def esm(*names: str) -> str:
    """One ES module of these files in ``static``; only the last of them exports anything."""
    return _joined(names, "js")


def css(*names: str) -> str:
    """One style sheet of these files in ``static``, in this order, after what any of our widgets may have to say."""
    return _joined(("live", *names), "css")


def _joined(names: tuple[str, ...], kind: str) -> str:
    return "\n".join((_STATIC / f"{name}.{kind}").read_text(encoding="utf-8") for name in names)
