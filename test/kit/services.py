# SPDX-License-Identifier: Apache-2.0
"""Programs that a test starts beside the cloud: real OpenStack services from
Debian, balancers, caches.  Each has a log below one folder and ends with it."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

KIT = pathlib.Path(__file__).resolve().parent


PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In a child: ends when the test does, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class ServiceError(Exception):
    """A program did not start or did not do what the test needs it for."""


def free_port(address):
    """A port that nobody listens on now."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, 0))
        return s.getsockname()[1]


def wait_for(condition, seconds, what):
    """Polls until 'condition' gives something true, and returns that."""
    end = time.monotonic() + seconds
    pause = 0.01
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise ServiceError(f"waited {seconds} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def answers(address, port):
    try:
        socket.create_connection((address, port), timeout=1).close()
        return True
    except OSError:
        return False


class Programs:
    """The programs of a test, with a folder for their files."""

    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"stackd-{name}-"))
        self.folder.chmod(0o755)
        self.running = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for name in list(self.running):
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self, name, argv, env=None, user=None):
        """Starts a program in a process group of its own."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=log, start_new_session=True, cwd=self.folder, user=user,
                                                  preexec_fn=die_with_parent,
                                                  env={**os.environ, **(env or {})})
        return self.running[name]

    def ready(self, name, condition, seconds=120):
        """Waits until the program is up; its log is told when it ends instead."""
        def up():
            if self.running[name].poll() is not None:
                raise ServiceError(f"{name} ended with {self.running[name].returncode}:\n{self.log(name)[-3000:]}")
            return condition()
        try:
            return wait_for(up, seconds, f"{name} to be ready")
        except ServiceError as e:
            raise ServiceError(f"{e}\n{self.log(name)[-3000:]}") from None

    def stop(self, name, sig=signal.SIGTERM):
        p = self.running.pop(name)
        if p.poll() is None:
            try:
                os.killpg(p.pid, sig)
                p.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
            except ProcessLookupError:
                p.wait()

    def run(self, argv, env=None, user=None):
        """A command that must work; its output."""
        r = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, check=False, cwd=self.folder, user=user,
                           env={**os.environ, **(env or {})})
        if r.returncode != 0:
            raise ServiceError(f"{argv[0]} ended with {r.returncode}:\n{r.stdout[-3000:]}")
        return r.stdout

    def wsgi(self, name, address, program, *argv, env=None):
        """Serves a WSGI program; returns its port."""
        before = len(self.log(name))
        self.start(name, [KIT / "wsgi", address, 0, program, *argv], env)
        line = self.ready(name, lambda: next((x for x in self.log(name)[before:].splitlines()
                                              if x.startswith("listening on ")), None))
        return int(line.split()[-1])
