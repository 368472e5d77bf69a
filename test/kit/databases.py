# SPDX-License-Identifier: Apache-2.0
"""Private servers of MariaDB and PostgreSQL for whole clouds, on an address of
the loopback network (the roles of a cloud run as another user, so no socket)."""
import glob
import itertools
import os
import pwd
import shutil

from services import Programs, ServiceError, answers, free_port

KINDS = ("mariadb", "postgresql")


def tool(name):
    """A program, also where Debian hides it."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
    return found or max(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), default=None)


class Database:
    """A server in a folder below that of 'programs'; its data outlives stop() and start()."""

    def __init__(self, programs, kind, address):
        if kind not in KINDS:
            raise ServiceError(f"there is no database '{kind}': {', '.join(KINDS)}")
        self.programs, self.kind, self.address = programs, kind, address
        self.folder = programs.folder / kind
        self.port = free_port(address)
        self.numbers = itertools.count(1)
        self.user = None
        if kind == "postgresql" and os.geteuid() == 0:  # It will not run as root.
            self.user = "postgres"
        self.initialize()
        self.start()

    def initialize(self):
        self.folder.mkdir()
        if self.kind == "mariadb":
            self.programs.run([tool("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder}/data",
                               "--skip-test-db", "--auth-root-authentication-method=normal", *self.as_root()])
            return
        argv = [tool("initdb"), "--no-sync", "--auth=trust", "--username=stackd", "--locale=C", "--encoding=UTF8",
                "--no-instructions", "-D", f"{self.folder}/data"]
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self.programs.run(argv, user=self.user)

    @staticmethod
    def as_root():
        return ["--user=root"] if os.geteuid() == 0 else []

    def argv(self):
        if self.kind == "mariadb":
            return [tool("mariadbd"), "--no-defaults", *self.as_root(), f"--datadir={self.folder}/data",
                    f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--skip-name-resolve",
                    f"--bind-address={self.address}", f"--port={self.port}", "--max-connections=300", "--skip-log-bin",
                    "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2", "--performance-schema=0",
                    "--loose-innodb-use-native-aio=0"]
        return [tool("postgres"), "-D", f"{self.folder}/data", "-k", self.folder, "-h", self.address, "-p", self.port,
                "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB"]

    def start(self):
        self.programs.start(self.kind, self.argv(), user=self.user)
        self.programs.ready(self.kind, self.works)

    def works(self):
        if not answers(self.address, self.port):
            return False
        try:
            self.sql("SELECT 1")
        except ServiceError:
            return False
        return True

    def stop(self, *sig):
        self.programs.stop(self.kind, *sig)

    def sql(self, statement):
        if self.kind == "mariadb":
            return self.programs.run(["mariadb", "--no-defaults", "-uroot", "-S", self.folder / "socket", "-N", "-B",
                                      "-e", statement])
        return self.programs.run([tool("psql"), "-X", "-q", "-A", "-t", "-h", self.address, "-p", str(self.port), "-U",
                                  "stackd", "-d", "postgres", "-c", statement])

    def new_url(self):
        """The URL of a database that nobody has used."""
        name = f"cloud{next(self.numbers)}"
        if self.kind == "mariadb":
            self.sql("CREATE USER IF NOT EXISTS stackd@'%' IDENTIFIED BY 'secret'; "
                     f"CREATE DATABASE {name}; GRANT ALL ON {name}.* TO stackd@'%'")
            return f"mysql://stackd:secret@{self.address}:{self.port}/{name}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql://stackd@{self.address}:{self.port}/{name}"


class Databases:
    """A server for a whole run of tests: with Databases("mariadb") as d: d.new_url()"""

    def __init__(self, kind, address="127.0.0.1"):
        self.kind, self.address = kind, address
        self.programs = Programs(kind)

    def __enter__(self):
        try:
            return Database(self.programs, self.kind, self.address)
        except BaseException:
            self.programs.__exit__()
            raise

    def __exit__(self, *exc):
        self.programs.__exit__()
