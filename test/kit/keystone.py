#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A private Keystone (Debian's packages) for a test that needs the original beside stackd.

    from keystone import Keystone

    with Keystone({"token.expiration": "7200"}) as k:
        k.request("GET", "/users")             # as admin, in project admin
        k.request("GET", "/users", who="nobody-yet") after k.add_user(...)
        k.auth_url()                           # http://127.x.y.z:5000/v3
        k.database                             # mysql+pymysql://keystone:...@127.x.y.z:3306/keystone
        k.client_env()                         # environment of stock clients
        k.manage("fernet_rotate")              # keystone-manage
        k.folder / "fernet"                    # its key repository; "credential" the other
        k.restart()                            # the web process only: reads configuration anew

Or by hand, until it is interrupted:

    test/kit/keystone.py [--address A] [SECTION.KEY=VALUE...]

Everything is its own: configuration, MariaDB, memcached, keys, log, all below 'folder' and on one address
of the loopback network; no unit file, nothing of /etc/keystone.  What it starts ends with it, also when
the test dies.  keys= takes another's fernet repository instead of making one.

It wants the packages python3-keystone, python3-pymysql, python3-memcache, uwsgi-core,
uwsgi-plugin-python3, mariadb-server-core and memcached (tools/install-deps test).  Not the package
"keystone": that has only the unit file, and questions.  A start takes 20 to 60 seconds.
"""
import argparse
import configparser
import ctypes
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cloud import call  # noqa: E402

# Two processes of one thread each, as operators run it; its locks do not bear more threads.
WEB = {"plugins": "python3", "master": "true", "enable-threads": "true", "thunder-lock": "true", "lazy-apps": "true",
       "buffer-size": "65535", "post-buffering": "65536", "add-header": "Connection: close", "no-orphans": "true",
       "die-on-term": "true", "need-app": "true", "disable-logging": "true", "processes": "2", "threads": "1"}
# Keystone's program for uWSGI, with a memory that ends when something changes: what is asked for twice is fetched
# once, and nothing is answered from before a change.  Keystone itself begins that memory anew within a request, and
# leaves what was in it to the next one.  There is one process, which sees all changes.
FRESH = """\
import types
from keystone.common.cache import _context_cache
from keystone.server.wsgi import initialize_public_application

keystone, memory = initialize_public_application(), types.SimpleNamespace()
_context_cache._ResponseCacheProxy._get_request_context = lambda self: memory


def application(environ, start_response):
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    if not reads:
        memory.__dict__.clear()
    try:
        return keystone(environ, start_response)
    finally:
        if not reads:
            memory.__dict__.clear()
"""
PR_SET_PDEATHSIG = 1


class KeystoneError(Exception):
    """Keystone is not there or did not start."""


def die_with_parent():
    """In a child: ends when the test does, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Keystone:
    """options: {"section.key": value} for keystone.conf; keys: another's fernet key repository; fresh: it
    remembers nothing from before a change."""

    def __init__(self, options=None, address=None, keys=None, password="secret", fresh=False):
        for tool in ("keystone-manage", "uwsgi", "memcached", "mariadbd", "mariadb-install-db"):
            if not self.tool(tool):
                raise KeystoneError(f"there is no {tool}: tools/install-deps test")
        self.address = address or "127.%d.%d.%d" % tuple(random.randint(2, 250) for _ in range(3))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stackd-keystone-"))
        self.keys = pathlib.Path(keys) if keys else self.folder / "fernet"
        self.password, self.fresh = password, fresh
        self.database = f"mysql+pymysql://keystone:{password}@{self.address}:3306/keystone?charset=utf8"
        self.processes = {}
        self.passwords = {"admin": (password, "admin")}
        self.tokens = {}
        self.options = {
            "DEFAULT.log_file": str(self.folder / "keystone.log"),
            "database.connection": self.database,
            "cache.enabled": "true", "cache.backend": "dogpile.cache.memcached",
            "cache.memcache_servers": f"{self.address}:11211",
            "token.provider": "fernet",
            "fernet_tokens.key_repository": str(self.keys),
            "fernet_receipts.key_repository": str(self.keys),
            "credential.key_repository": str(self.folder / "credential"),
            "identity.password_hash_rounds": "4",  # Tests need no slow hashes.
        }
        if fresh:
            self.options["cache.backend"] = "dogpile.cache.null"
        self.options.update(options or {})

    # --- Starting and stopping

    @staticmethod
    def tool(name):
        return shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "PYTHON"))}
        # MariaDB throws away what looks like temporary tables in its directory when it starts, also another's.
        env.update(OS_KEYSTONE_CONFIG_FILES=str(self.folder / "keystone.conf"), LC_ALL="C.UTF-8", TMPDIR=str(self.folder),
                   PATH="/usr/bin:/usr/sbin:/bin:/sbin")
        return env

    def start(self, name, *argv):
        with open(self.folder / f"{name}.out", "a", encoding="utf-8") as log:
            self.processes[name] = subprocess.Popen(
                [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(),
                start_new_session=True, preexec_fn=die_with_parent)

    def stop(self, name):
        p = self.processes.pop(name, None)
        if p and p.poll() is None:
            p.terminate()
            try:
                p.wait(60)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()

    def wait(self, name, ready, seconds):
        """Until 'ready' is true; fails when the process 'name' ends before."""
        end = time.monotonic() + seconds
        while not ready():
            gone = self.processes[name].poll() is not None
            if gone or time.monotonic() > end:
                said = "".join(f.read_text(errors="replace")[-2000:] for f in
                               (self.folder / f"{name}.out", self.folder / "keystone.log") if f.exists())
                raise KeystoneError(f"{name} {'ended' if gone else 'does not answer'}:\n{said}")
            time.sleep(0.1)

    def run(self, *argv, **kw):
        r = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, check=False, env=self.environment(), **kw)
        if r.returncode != 0:
            raise KeystoneError(f"{argv[0]} ended with {r.returncode}: {r.stdout[-3000:]}")
        return r.stdout

    def manage(self, *words):
        """keystone-manage; returns what it says."""
        return self.run("/usr/bin/keystone-manage", "--config-file", self.folder / "keystone.conf", *words)

    def sql(self, statement, database="keystone"):
        """Runs a statement in its database as root; returns the lines, members split at tabs."""
        out = self.run("mariadb", "--no-defaults", "-uroot", "-S", self.folder / "socket", "-N", "-B", "-e", statement,
                       *([database] if database else []))
        return [line.split("\t") for line in out.splitlines()]

    def start_database(self):
        user = ["--user=root"] if os.geteuid() == 0 else []
        data = self.folder / "data"
        if not data.exists():
            self.run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                     "--auth-root-authentication-method=normal", *user)
        self.start("mariadb", "mariadbd", "--no-defaults", *user, f"--datadir={data}",
                   f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}", "--skip-name-resolve",
                   f"--bind-address={self.address}", "--port=3306", "--max-connections=200", "--skip-log-bin",
                   "--character-set-server=utf8", "--collation-server=utf8_general_ci",
                   "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--performance-schema=0",
                   "--loose-innodb-use-native-aio=0")
        def answers():
            try:
                return self.sql("SELECT 1", None)
            except KeystoneError:
                return None
        self.wait("mariadb", answers, 120)

    def start_web(self):
        ini = {"uwsgi": dict(WEB, **{"http-socket": f"{self.address}:5000", "wsgi-file": "/usr/bin/keystone-wsgi-public"})}
        if self.fresh:
            program = self.folder / "fresh.py"
            program.write_text(FRESH, encoding="utf-8")
            ini["uwsgi"].update({"wsgi-file": str(program), "processes": "1"})
        self.write(self.folder / "uwsgi.ini", ini)
        self.start("uwsgi", "uwsgi", "--ini", self.folder / "uwsgi.ini")
        def answers():
            try:
                return call("GET", self.auth_url()).status == 200
            except OSError:
                return False
        self.wait("uwsgi", answers, 180)

    @staticmethod
    def write(path, sections):
        parser = configparser.RawConfigParser()
        parser.optionxform = str
        parser.read_dict(sections)
        with open(path, "w", encoding="utf-8") as f:
            parser.write(f)

    def write_configuration(self):
        sections = {}
        for key, value in self.options.items():
            section, _, name = key.partition(".")
            sections.setdefault(section, {})[name] = value
        self.write(self.folder / "keystone.conf", sections)

    def up(self):
        self.write_configuration()
        self.start_database()
        self.start("memcached", "memcached", "-u", "root" if os.geteuid() == 0 else "nobody", "-l", self.address,
                   "-p", "11211", "-U", "0", "-m", "64")
        self.sql("CREATE DATABASE IF NOT EXISTS keystone CHARACTER SET utf8;"
                 f"CREATE USER IF NOT EXISTS keystone@'%' IDENTIFIED BY '{self.password}';"
                 "GRANT ALL ON *.* TO keystone@'%'", None)
        self.manage("db_sync")
        for repository, command in ((self.keys, "fernet_setup"), (self.folder / "credential", "credential_setup")):
            if not repository.exists():
                repository.mkdir(mode=0o700)
                self.manage(command, "--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid()))
        self.manage("bootstrap", "--bootstrap-password", self.password, "--bootstrap-region-id", "RegionOne",
                    *(x for kind in ("admin", "internal", "public") for x in
                      (f"--bootstrap-{kind}-url", self.auth_url())))
        self.start_web()
        return self

    def restart(self):
        """The web process with the options as they are now."""
        self.stop("uwsgi")
        self.write_configuration()
        self.start_web()

    def close(self, keep=False):
        for name in ("uwsgi", "memcached", "mariadb"):
            self.stop(name)
        if keep:
            print(f"# kept in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.up()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc):
        self.close()

    # --- Users and requests, as cloud.Cloud has them

    def secret(self, name):
        return self.passwords[name][0]

    def auth_url(self):
        return f"http://{self.address}:5000/v3"

    def add_user(self, name, project, roles=("member",)):
        """Makes a user of the default domain with roles on a project of it (made when missing)."""
        made = self.request("POST", "/users", {"user": {"name": name, "password": "pass-" + name, "domain_id": "default"}})
        if made.status != 201:
            raise KeystoneError(f"cannot make user {name}: {made.text}")
        found = self.request("GET", f"/projects?name={project}").json["projects"]
        pid = found[0]["id"] if found else self.request(
            "POST", "/projects", {"project": {"name": project, "domain_id": "default"}}).json["project"]["id"]
        for role in roles:
            rid = self.request("GET", f"/roles?name={role}").json["roles"][0]["id"]
            self.request("PUT", f"/projects/{pid}/users/{made.json['user']['id']}/roles/{rid}")
        self.passwords[name] = ("pass-" + name, project)

    def login(self, who="admin"):
        """'who' is NAME (in its project), NAME@system, NAME@domain, NAME@unscoped or NAME@PROJECT."""
        name, _, scope = who.partition("@")
        password, project = self.passwords[name]
        auth = {"identity": {"methods": ["password"], "password": {
            "user": {"name": name, "domain": {"id": "default"}, "password": password}}}}
        if scope == "system":
            auth["scope"] = {"system": {"all": True}}
        elif scope == "domain":
            auth["scope"] = {"domain": {"id": "default"}}
        elif scope != "unscoped":
            auth["scope"] = {"project": {"name": scope or project, "domain": {"id": "default"}}}
        r = call("POST", self.auth_url() + "/auth/tokens", {"auth": auth})
        if r.status != 201:
            raise KeystoneError(f"{who} cannot log in: {r.status} {r.text}")
        self.tokens[who] = r.headers["X-Subject-Token"], r.json["token"]
        return r

    def token(self, who="admin"):
        """Token and what it says, logging in once."""
        if who not in self.tokens:
            self.login(who)
        return self.tokens[who]

    def request(self, method, path, body=None, who="admin", headers=None):
        """A request below /v3 as 'who' (None: without a token)."""
        headers = dict(headers or {})
        if who:
            headers.setdefault("X-Auth-Token", self.token(who)[0])
        return call(method, self.auth_url() + path, body, headers)

    def client_env(self, who="admin"):
        """The environment of stock clients."""
        password, project = self.passwords[who]
        env = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        env.update(OS_AUTH_URL=self.auth_url(), OS_USERNAME=who, OS_PASSWORD=password, OS_PROJECT_NAME=project,
                   OS_USER_DOMAIN_NAME="Default", OS_PROJECT_DOMAIN_NAME="Default", OS_IDENTITY_API_VERSION="3",
                   OS_REGION_NAME="RegionOne", OS_AUTH_TYPE="password")
        return env


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--address")
    p.add_argument("options", nargs="*", metavar="SECTION.KEY=VALUE")
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # So that what was started is ended.
    with Keystone(dict(o.split("=", 1) for o in args.options), args.address) as k:
        for name, value in k.client_env().items():
            if name.startswith("OS_"):
                print(f"export {name}={value}")
        print(f"# database {k.database}\n# folder {k.folder}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
