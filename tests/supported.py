"""What the course runs on: README.md's table, made from supported.toml, the one place that says it.

``python -m tests.supported`` (``make readme``) writes it.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

_BEGIN = "<!-- supported: `make readme` writes this from tests/supported.toml -->\n"
_END = "<!-- end of supported -->\n"


@dataclass(frozen=True)
class Row:
    """A thing that the course may run on."""

    name: str
    ways: tuple[str, ...] = ()
    by_hand: str = ""
    """The day, and what was tried."""
    note: str = ""

    @property
    def how(self) -> str:
        """How it is tested, in words."""
        tested = [*self.ways, *([f"by hand, {self.by_hand}"] if self.by_hand else [])]
        return "; ".join([*(tested or ["not tried"]), *([self.note] if self.note else [])])


def rows() -> tuple[Row, ...]:
    """All of them, in the table's order."""
    return tuple(
        Row(name, tuple(row.get("ways", ())), row.get("by_hand", ""), row.get("note", ""))
        for name, row in _stated()["rows"].items()
    )


def ways() -> dict[str, str]:
    """The names of the ways of testing, and what each means."""
    return dict(_stated()["ways"])


def versions(product: str, way: str = "") -> tuple[str, ...]:
    """The versions of Python or RabbitMQ that are supported, oldest first; those tested in one way, if one is named."""
    chosen = (row.name.split() for row in rows() if not way or way in row.ways)
    return tuple(words[1] for words in chosen if len(words) == 2 and words[0] == product)


def section() -> str:
    """What stands in README.md between the two comments."""
    meanings = [f"- *{way}*: {meaning}." for way, meaning in ways().items()]
    unknown = "- *not tried*: it may work; nobody has looked."
    table = [f"| {row.name} | {row.how} |" for row in rows()]
    return "\n".join([*meanings, unknown, "", "| | how it is tested |", "|---|---|", *table, ""])


def updated(readme: str) -> str:
    """README.md's text with the section as it should be.

    Raises:
        ValueError: README.md has lost the two comments.
    """
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"README.md has no place for the table: it takes the two lines\n{_BEGIN}{_END}")
    return f"{before}{_BEGIN}{section()}{_END}{after}"


def _stated() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
