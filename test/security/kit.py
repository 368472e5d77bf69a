# SPDX-License-Identifier: Apache-2.0
"""What the security tests share: cases with the ids of the advisories that
they are about, a cloud for all of them, and requests as no client sends them."""
import http.client
import json
import os
import pathlib
import random
import socket
import string
import subprocess
import sys
import time
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "kit"))
from cloud import Cloud, CloudError, call  # noqa: E402,F401

CASES = []


class Hole(Exception):
    """Something that must hold does not."""


def case(*ids):
    """Marks a function as the test of these advisories."""
    def mark(fn):
        CASES.append((ids, fn))
        return fn
    return mark


def expect(condition, words):
    if not condition:
        raise Hole(words)


def expect_status(reply, *wanted, what=""):
    expect(reply.status in wanted,
           f"{what + ': ' if what else ''}{reply.status} where {' or '.join(map(str, wanted))} is wanted: {reply.text[:300]}")
    return reply


def unique(prefix="x"):
    return prefix + "-" + "".join(random.choices(string.ascii_lowercase, k=10))


def unknown():
    return uuid.uuid4().hex


# --- The cloud --------------------------------------------------------------


class Lab(Cloud):
    """A cloud with every service that the program has, and people in two
    projects: 'ann' is a member of red, 'bob' of blue, 'rita' a reader of red."""

    def __init__(self):
        probe = Cloud()
        out = subprocess.run([probe.program, "dump", "routes"], stdout=subprocess.PIPE, text=True, check=True).stdout
        subprocess.run(["rm", "-rf", probe.state], check=True)
        rows = [line.split("\t") for line in out.splitlines()[1:]]
        self.routes = [dict(zip(("service", "method", "path", "action", "since", "until", "policy"), r)) for r in rows]
        self.services = sorted({r["service"] for r in self.routes})
        super().__init__([*self.services, "console", "agent"],
                         {"agent_compute.driver": "fake", "agent_network.roles": "l2"})

    def populate(self):
        for name, project, role in (("ann", "red", "member"), ("bob", "blue", "member"), ("rita", "red", "reader")):
            self.add_user(name, project, [role])
        if self.has("compute"):
            self.wait(self.host_is_up, 60, "the host")
            for who in ("ann", "bob"):  # Cases make servers and leave them.
                self.request("admin", "PUT", "compute!", "/v2.1/os-quota-sets/" + self.project(who),
                             {"quota_set": {"instances": 500, "cores": 500, "ram": 100000}}, self.version_headers("compute"))
        return self

    def host_is_up(self):
        r = self.request("admin", "GET", "compute!", "/v2.1/os-services", headers=self.version_headers("compute"))
        return r.status == 200 and any(s["binary"] == "nova-compute" and s["state"] == "up" for s in r.json["services"])

    def has(self, *services):
        return all(s in self.services for s in services)

    def project(self, who):
        return self.token(who)[1]["project"]["id"]

    def user_id(self, who):
        return self.token(who)[1]["user"]["id"]

    def ok(self, who, method, service, path, body=None, headers=None):
        """A request that must work."""
        r = self.request(who, method, service, path, body, headers)
        expect(200 <= r.status < 300, f"{method} {path}: {r.status} {r.text[:300]}")
        return r.json

    def host(self, service):
        """Address and port of a service."""
        u = urllib.parse.urlsplit(self.url(service, ""))
        return u.hostname, u.port

    def version_headers(self, service):
        return {"compute": {"OpenStack-API-Version": "compute 2.93"},
                "placement": {"OpenStack-API-Version": "placement 1.39"}}.get(service, {})

    def pids(self):
        return {s: (self.running(s) or {}).get("pid") for s in self.services}

    def validate(self, token, by="admin"):
        """What identity says about a token."""
        return self.request(by, "GET", "identity", "/auth/tokens", headers={"X-Subject-Token": token})

    def fresh_user(self, project="red", roles=("member",)):
        """A user of its own for a test that changes it: (name, id)."""
        name = unique("user")
        self.add_user(name, project, list(roles))
        return name, self.user_id(name)

    def log_text(self):
        return "\n".join("\n".join(lines) for _, lines in self.logs())

    def slack_kib(self, kib):
        """How much a process may grow; sanitizers keep what was freed for a while."""
        return kib + (65536 if "ASAN_OPTIONS" in os.environ else 0)

    def rss_kib(self, service):
        pid = self.running(service)["pid"]
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


# --- Requests as bytes ------------------------------------------------------


def raw(address, data, timeout=10, limit=1 << 20):
    """Sends bytes and returns all that comes back until the end; None when the
    other side keeps the connection open past 'timeout' seconds."""
    with socket.create_connection(address, timeout=timeout) as s:
        try:
            s.sendall(data)
        except OSError:
            pass  # It need not take everything.
        out = b""
        try:
            while len(out) < limit:
                piece = s.recv(65536)
                if not piece:
                    return out
                out += piece
        except socket.timeout:
            return None
        except OSError:
            return out
    return out


def statuses(answer):
    """The status codes of all answers in a stream of bytes."""
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]


class Wire:
    """Requests on one connection, as many as one likes."""

    def __init__(self, address):
        self.address = address
        self.c = None

    def request(self, method, target, body, headers):
        for attempt in (1, 2):
            if not self.c:
                self.c = http.client.HTTPConnection(*self.address, timeout=5)
            try:
                self.c.request(method, target, body, headers)
                r = self.c.getresponse()
                return r.status, r.headers, r.read()
            except (http.client.HTTPException, OSError) as e:
                self.c.close()
                self.c = None
                if attempt == 2:
                    raise Hole(f"{method} {target[:200]}: {type(e).__name__} instead of an answer to "
                               f"{len(body or b'')} bytes {(body or b'')[:100]!r}, {headers}") from e
        return None


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, f"waited {seconds} s for {what}")
        time.sleep(0.02)


def is_json(data):
    try:
        json.loads(data)
        return True
    except ValueError:
        return False
