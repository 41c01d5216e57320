import shutil
import sys
from pathlib import Path

import pytest

from fanout_helpers.broker import installation
from fanout_helpers.broker.installation import SETTING, Installation
from fanout_helpers.errors import BrokerNotInstalled
from tests.fake_installations import PLUGINS, PROGRAMS, make_debian, make_program, make_rabbitmq


@pytest.fixture(autouse=True)
def no_environment_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))


def find(tmp_path: Path, *path: Path, **settings: str) -> Installation:
    """Finds on a machine that is all in ``tmp_path``."""
    environ = {"PATH": ":".join(map(str, path)), "FANOUT_CACHE_DIR": str(tmp_path / "cache"), **settings}
    return installation.find(environ, system=tmp_path)


def test_nothing_is_told_in_three_lines(tmp_path: Path) -> None:
    with pytest.raises(BrokerNotInstalled) as caught:
        find(tmp_path)
    happened, cause, next_step = str(caught.value).splitlines()
    assert "not installed" in happened
    assert "PATH" in cause
    assert "fanout broker install" in next_step
    assert "FANOUT_BROKER_URL" in next_step


def test_debians_own_directory_is_found_behind_the_wrapper(tmp_path: Path) -> None:
    sbin = make_debian(tmp_path)
    found = find(tmp_path, tmp_path / "usr/sbin")
    assert found == Installation(sbin, (tmp_path / "usr/lib/erlang/bin",), "3.10.8")
    assert found.plugins == found.home / "plugins" == sbin.parent / "plugins"


def test_rpms_wrapper_file_is_passed_over(tmp_path: Path) -> None:
    make_program(tmp_path / "usr/sbin/rabbitmq-server")
    sbin = make_rabbitmq(tmp_path / "usr/lib/rabbitmq/lib/rabbitmq_server-4.0.5", "4.0.5")
    erl = make_program(tmp_path / "usr/bin/erl")
    assert find(tmp_path, tmp_path / "usr/sbin", erl.parent) == Installation(sbin, (), "4.0.5")


def test_homebrews_links_lead_to_its_cellar(tmp_path: Path) -> None:
    sbin = make_rabbitmq(tmp_path / "opt/homebrew/Cellar/rabbitmq/4.3.6", "4.3.6")
    (tmp_path / "opt/homebrew/sbin").mkdir()
    for program in PROGRAMS:
        (tmp_path / "opt/homebrew/sbin" / program).symlink_to(f"../Cellar/rabbitmq/4.3.6/sbin/{program}")
    erl = make_program(tmp_path / "opt/homebrew/bin/erl")
    assert find(tmp_path) == Installation(sbin, (erl.parent,), "4.3.6")


@pytest.mark.parametrize("how", ["prefix", "variable"])
def test_conda_environment_comes_before_path(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = tmp_path / "environment"
    sbin = make_rabbitmq(prefix / "lib/rabbitmq", "4.3.6")
    make_program(sbin / "rabbitmq-script-wrapper")
    erl = make_program(prefix / "bin/erl")
    (prefix / "bin/rabbitmq-server").symlink_to("../lib/rabbitmq/sbin/rabbitmq-script-wrapper")
    make_debian(tmp_path)
    if how == "prefix":
        monkeypatch.setattr(sys, "prefix", str(prefix))
    settings = {"CONDA_PREFIX": str(prefix)} if how == "variable" else {}
    found = find(tmp_path, tmp_path / "usr/sbin", **settings)
    assert found == Installation(sbin, (erl.parent,), "4.3.6")


@pytest.mark.parametrize("place", ["usr/local/rabbitmq_server-{}", "opt/rabbitmq_server-{}", "opt/rabbitmq"])
def test_generic_unix_places(place: str, tmp_path: Path) -> None:
    sbin = make_rabbitmq(tmp_path / place.format("4.0.5"), "4.0.5")
    erl = make_program(tmp_path / "anywhere/erl")
    assert find(tmp_path, erl.parent) == Installation(sbin, (), "4.0.5")


def test_the_newest_of_several_versions_is_taken(tmp_path: Path) -> None:
    erl = make_program(tmp_path / "anywhere/erl")
    for version in ("3.9.13", "3.13.7", "3.10.8"):
        make_rabbitmq(tmp_path / f"opt/rabbitmq_server-{version}", version)
    assert find(tmp_path, erl.parent).version == "3.13.7"


def test_what_fanout_unpacked_comes_last(tmp_path: Path) -> None:
    unpacked = make_debian(tmp_path / "cache/rabbitmq")
    assert find(tmp_path).sbin == unpacked
    assert find(tmp_path).path == (tmp_path / "cache/rabbitmq/usr/lib/erlang/bin",)
    own = make_debian(tmp_path)
    assert find(tmp_path).sbin == own


@pytest.mark.parametrize("lacking", [*PROGRAMS[1:], *sorted(set(PLUGINS) - {"rabbit_common"})])
def test_half_an_installation_is_named_with_what_it_lacks(lacking: str, tmp_path: Path) -> None:
    erl = make_program(tmp_path / "anywhere/erl")
    sbin = make_rabbitmq(tmp_path / "opt/rabbitmq", lacking=[lacking])
    with pytest.raises(BrokerNotInstalled) as caught:
        find(tmp_path, erl.parent)
    assert len(str(caught.value).splitlines()) == 3
    assert f"{sbin} lacks" in caught.value.cause
    assert lacking in caught.value.cause


def test_rabbitmq_without_erlang_is_half(tmp_path: Path) -> None:
    make_debian(tmp_path)
    shutil.rmtree(tmp_path / "usr/lib/erlang")
    with pytest.raises(BrokerNotInstalled, match="lacks Erlang"):
        find(tmp_path)


def test_erlang_that_may_not_be_run_is_none(tmp_path: Path) -> None:
    make_debian(tmp_path)
    (tmp_path / "usr/lib/erlang/bin/erl").chmod(0o644)
    with pytest.raises(BrokerNotInstalled, match="lacks Erlang"):
        find(tmp_path)


def test_plugin_without_its_description_is_missing(tmp_path: Path) -> None:
    sbin = make_debian(tmp_path)
    (sbin.parent / "plugins/rabbitmq_management-3.10.8/ebin/rabbitmq_management.app").unlink()
    with pytest.raises(BrokerNotInstalled, match="lacks the plugin rabbitmq_management"):
        find(tmp_path)


def test_plugins_may_be_archives(tmp_path: Path) -> None:
    sbin = make_debian(tmp_path)
    for plugin in PLUGINS:
        shutil.rmtree(sbin.parent / "plugins" / f"{plugin}-3.10.8")
        (sbin.parent / "plugins" / f"{plugin}-3.10.8.ez").touch()
    assert find(tmp_path).version == "3.10.8"


def test_whole_one_is_taken_although_half_ones_come_before(tmp_path: Path) -> None:
    erl = make_program(tmp_path / "anywhere/erl")
    half = make_rabbitmq(tmp_path / "half", lacking=["rabbitmqctl"])
    whole = make_rabbitmq(tmp_path / "opt/rabbitmq")
    assert find(tmp_path, half, erl.parent).sbin == whole


def test_path_with_a_space_cannot_be_used(tmp_path: Path) -> None:
    erl = make_program(tmp_path / "anywhere/erl")
    sbin = make_rabbitmq(tmp_path / "my programs/rabbitmq")
    with pytest.raises(BrokerNotInstalled, match="a path without spaces"):
        find(tmp_path, sbin, erl.parent)


@pytest.mark.parametrize("named", ["sbin", "sbin/rabbitmq-server", "."])
def test_setting_may_name_sbin_or_home_or_the_program(named: str, tmp_path: Path) -> None:
    make_debian(tmp_path)
    erl = make_program(tmp_path / "anywhere/erl")
    sbin = make_rabbitmq(tmp_path / "mine", "4.0.5")
    found = find(tmp_path, erl.parent, **{SETTING: str(tmp_path / "mine" / named)})
    assert found == Installation(sbin, (), "4.0.5")


def test_setting_may_name_an_unpacked_package(tmp_path: Path) -> None:
    sbin = make_debian(tmp_path / "unpacked", "4.3.6")
    found = find(tmp_path, **{SETTING: str(tmp_path / "unpacked")})
    assert found == Installation(sbin, (tmp_path / "unpacked/usr/lib/erlang/bin",), "4.3.6")


def test_useless_setting_is_an_error_although_another_is_installed(tmp_path: Path) -> None:
    make_debian(tmp_path)
    with pytest.raises(BrokerNotInstalled, match="No executable rabbitmq-server") as caught:
        find(tmp_path, **{SETTING: str(tmp_path / "nowhere")})
    assert str(tmp_path / "nowhere") in caught.value.happened
    make_rabbitmq(tmp_path / "half", lacking=["rabbitmq-env"])
    with pytest.raises(BrokerNotInstalled, match="lacks rabbitmq-env"):
        find(tmp_path, **{SETTING: str(tmp_path / "half")})


def test_cache_directory_is_a_setting() -> None:
    assert installation.cache_directory({"FANOUT_CACHE_DIR": "/somewhere"}) == Path("/somewhere")
    assert installation.cache_directory({}).name == "fanout"
