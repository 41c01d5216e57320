"""The settings of a presentation, without a JupyterLab; ``test_present_in_browser`` has one read them."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from fanout_helpers import projector

THEMES = Path("@jupyterlab/apputils-extension/themes.jupyterlab-settings")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A person's user settings, as JupyterLab writes them: with comments."""
    themes = tmp_path / THEMES
    themes.parent.mkdir(parents=True)
    themes.write_text('{\n  // Theme\n  "theme": "Mine",\n  "overrides": {"code-font-size": "9px", "color": "red"}\n}')
    (tmp_path / "shortcuts").write_text("as they are")
    return tmp_path


def themes(settings: Path) -> Any:  # noqa: ANN401
    return json.loads((settings / THEMES).read_text())


def test_what_the_person_set_holds_except_for_the_size(own: Path) -> None:
    with projector.directories(own) as (settings, _):
        assert themes(settings)["theme"] == "Mine"
        assert themes(settings)["overrides"]["color"] == "red"
        assert themes(settings)["overrides"]["code-font-size"] == "20px"
        assert (settings / "shortcuts").read_text() == "as they are"


def test_the_persons_own_are_only_read_and_the_others_go(own: Path) -> None:
    before = (own / THEMES).read_text()
    with projector.directories(own) as made:
        assert all(directory.is_dir() for directory in made)
    assert not any(directory.exists() for directory in made)
    assert (own / THEMES).read_text() == before
    assert len([file for file in own.rglob("*") if file.is_file()]) == 2


@pytest.mark.parametrize("text", ["{", "", '{"overrides": null}'])
def test_settings_that_cannot_be_read_are_as_none(own: Path, text: str) -> None:
    (own / THEMES).write_text(text)
    with projector.directories(own) as (settings, _):
        assert themes(settings)["overrides"]["ui-font-size1"] == "16px"


def test_somebody_without_settings_needs_none(tmp_path: Path) -> None:
    with projector.directories(tmp_path / "none") as (settings, workspaces):
        assert themes(settings)["overrides"]
        assert len(list(workspaces.iterdir())) == 1
    assert not (tmp_path / "none").exists()


def test_what_a_killed_presentation_left_goes_with_the_next_and_a_living_one_stays(
    own: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("temporary")))
    killed = Path(tempfile.mkdtemp(prefix="fanout-present-"), "settings")
    killed.mkdir()
    with projector.directories(own) as living, projector.directories(own) as (settings, _):
        assert not killed.parent.exists()
        assert all(directory.is_dir() for directory in (*living, settings))
