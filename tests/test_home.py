"""Who has no home directory: containers and hardened hosts. JupyterLab and the doctor do without all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fanout_helpers import home
from fanout_helpers.broker import installation

NOT_WRITABLE = "/proc"


def fanout(*arguments: str, home: str | None, user: int | None = None) -> subprocess.Popen[str]:
    """Starts the command with another home directory, or none, perhaps as a user whom this machine does not know."""
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    unknown = ["unshare", "--user", f"--map-user={user}", f"--map-group={user}"] if user else []
    if user and os.getuid() and subprocess.run([*unknown, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody but root make namespaces: run these tests as root")
    return subprocess.Popen(
        [*unknown, sys.executable, "-m", "fanout_helpers", *arguments],
        # What was got for this person is in their home.
        env=environment | {installation.SETTING: str(installation.find().sbin)} | ({"HOME": home} if home else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("place", "user"), [(NOT_WRITABLE, None), (None, 1234)])
@pytest.mark.usefixtures("broker")
def test_jupyterlab_starts_without_a_home_and_says_what_is_wrong(place: str | None, user: int | None) -> None:
    with fanout("lab", "--no-browser", "--port=0", home=place, user=user) as lab:
        assert lab.stdout is not None
        try:
            said = ""
            for line in lab.stdout:
                said += line
                if "/lab/tree/" in line:
                    break
            assert "There is no home directory that can be written" in said
            assert "Traceback" not in said
            assert "/lab/tree/" in said
        finally:
            # Not asked to end: JupyterLab waits for what looks for language servers then, which may take minutes.
            lab.kill()


@pytest.mark.parametrize(("place", "user"), [(NOT_WRITABLE, None), (None, 1234)])
@pytest.mark.usefixtures("broker")
def test_the_doctor_survives_what_it_is_there_to_find(place: str | None, user: int | None) -> None:
    with fanout("doctor", home=place, user=user) as doctor:
        said, _ = doctor.communicate(timeout=120)
    assert "[no-home]" in said
    assert "Traceback" not in said


def test_a_home_of_ones_own_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with home.usable() as problem:
        assert problem is None
        assert Path.home() == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_another_one_goes_when_it_is_not_needed_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", NOT_WRITABLE)
    with home.usable() as problem:
        assert problem is not None
        assert NOT_WRITABLE in problem.cause
        instead = Path.home()
        assert instead.is_dir()
    assert not instead.exists()
    assert os.environ["HOME"] == NOT_WRITABLE
