"""The real thing for browser tests: web server, worker and mail sink on a database with the sample in it."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from bluelight import services
from bluelight.embedded import with_database
from bluelight.supervisor import Program
from tests.support.database import Database
from tests.support.run import Run, manage

SAMPLE = "register_sample"


def sample_template(run: Run) -> str:
    """The name of a template with the sample and the demo accounts, made by whichever worker asks first."""
    name = run.template.replace("register_template", SAMPLE)
    with run.administration() as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            owner = with_database(run.owner_url, name)
            server.execute(f"CREATE DATABASE {name} TEMPLATE {run.template} OWNER {run.owner}")
            try:
                manage(owner, "load_sample")
                manage(owner, "demo_accounts", "--file", str(accounts_file(run)))
            except BaseException:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
                raise
    return name


def accounts_file(run: Run) -> Path:
    return Path(run.state) / "demo-accounts.txt"


class Site:
    """A running register. Its programs live as long as the worker; `renew()` gives them a new database."""

    def __init__(self, run: Run, database: Database, redis_url: str, name: str) -> None:
        self.run, self.database = run, database
        self.state = Path(run.state) / name
        (self.state / "log").mkdir(parents=True)
        (self.state / "static").symlink_to(Path(run.state) / "static")
        self.sockets = services.listen(0)
        self.mail = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.sockets[0].getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self.environment = services.environment(
            database_url=database.web_url,
            redis_url=redis_url,
            secret_key=os.environ["SECRET_KEY"],
            port=self.port,
            mail_port=self.mail.getsockname()[1],
            state=self.state,
        ) | {"WEB_WORKERS": "1", "WEB_THREADS": "4", "LOG_LEVEL": "INFO"}
        log = self.state / "log"
        self.programs: list[Program] = [
            services.sink(self.mail, self.state / "outbox", self.environment, log),
            services.web(self.sockets, self.environment, log),
            services.worker(self.environment, log, concurrency=1),
        ]

    def start(self) -> None:
        for program in self.programs:
            program.start()
        until = time.monotonic() + 90
        while not services.is_healthy(self.port):
            if time.monotonic() > until:
                raise RuntimeError(f"The site does not answer:\n{self.log('web')}")
            time.sleep(0.05)

    def stop(self) -> None:
        for program in self.programs:
            if program.process:
                program.process.terminate()
        for program in self.programs:
            program.stop()
        for listening in (*self.sockets, self.mail):
            listening.close()

    def renew(self) -> None:
        """The sample as it was at first, and no mail."""
        self.database.renew()
        for message in self.outbox():
            message.unlink()

    def password(self, who: str) -> str:
        """Of the demo account whose email begins with `who`, such as "contributor"."""
        for line in accounts_file(self.run).read_text(encoding="utf-8").splitlines():
            email, password, _ = line.split("\t")
            if email.split("@")[0] == who:
                return password
        raise KeyError(who)

    def outbox(self) -> list[Path]:
        """The messages sent so far, oldest first."""
        return sorted((self.state / "outbox").glob("*.eml"))

    def manage(self, *command: str, owner: bool = False) -> str:
        """What a management command prints, run beside the site with the application's login (or the owner's)."""
        url = self.database.owner_url if owner else self.database.web_url
        return manage(url, *command, **{k: v for k, v in self.environment.items() if k != "DATABASE_URL"})

    def log(self, name: str) -> str:
        """What a program has written: web, worker or mail."""
        return (self.state / "log" / f"{name}.log").read_text(encoding="utf-8", errors="replace")
