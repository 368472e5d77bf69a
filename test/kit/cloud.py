# SPDX-License-Identifier: Apache-2.0
"""A private cloud for a test: `stackd up` on an address of its own on the
loopback network, in a directory of its own, gone afterwards."""
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What a sanitizer writes when it found something.
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer")


class CloudError(Exception):
    """The cloud did not do what a test needs it for."""


class Reply:
    """An HTTP answer: status, headers (names in any case), text, json."""

    def __init__(self, response, data):
        self.status = response.status
        self.headers = response.headers
        self.data = data
        self.text = data.decode("utf-8", "replace")
        try:
            self.json = json.loads(data) if data else None
        except ValueError:
            self.json = None


def call(method, url, body=None, headers=None, timeout=60):
    """One HTTP request; 'body' is bytes or something to be written as JSON."""
    u = urllib.parse.urlsplit(url)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    c = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout)
    try:
        target = (u.path or "/") + ("?" + u.query if u.query else "")
        c.request(method, target, body, headers)
        r = c.getresponse()
        return Reply(r, r.read())
    finally:
        c.close()


class Cloud:
    """roles: what to start besides the bus; options: {"section.key": value}."""

    def __init__(self, roles=(), options=None, program=None):
        self.program = str(program or os.environ.get("STACKD") or ROOT / "build" / "stackd")
        if not os.access(self.program, os.X_OK):
            raise CloudError(f"there is no {self.program}: build it first (make)")
        self.roles = list(roles)
        self.options = {"identity.password_rounds": "4"}  # Tests need no slow hashes.
        self.options.update(options or {})
        # On disk where a test writes much; the directory must be open to the roles' user.
        self.state = tempfile.mkdtemp(prefix="stackd-cloud-")
        os.chmod(self.state, 0o755)
        self.address = "127.%d.%d.%d" % (random.randint(2, 250), random.randint(0, 250), random.randint(2, 250))
        self.tokens = {}
        self.users = {}
        self.catalog = {}

    # --- Starting and stopping

    def command(self, *words, check=True):
        """Runs `stackd WORDS` for this cloud; returns its output."""
        argv = [self.program, *words, "--state", self.state]
        for key, value in self.options.items():
            argv += ["--set", f"{key}={value}"]
        if self.roles:
            argv += ["--set", "stackd.roles=" + ",".join(["bus", *self.roles])]
        r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                           stdin=subprocess.DEVNULL)
        if check and r.returncode != 0:
            raise CloudError(f"stackd {words[0]} ended with {r.returncode}: {r.stderr.strip()}\n{self.log_tail()}")
        return r.stdout

    def up(self, wait_for_host=True):
        self.command("up", "--bind", self.address)
        if wait_for_host and "agent" in self.roles:
            self.wait_for_host()
        return self

    def wait_for_host(self, seconds=120):
        """`stackd up` does not wait for the agent, which tries first what the host can do."""
        self.wait(lambda: self.running("agent"), seconds, "the agent")
        if "identity" not in self.roles:
            return
        if {"compute", "placement"} <= set(self.roles) and self.options.get("agent_compute.driver") != "none":
            self.wait(self.has_compute_host, seconds, "the compute host to be up")
        if "network" in self.roles and self.options.get("agent_network.roles") != "":
            self.wait(self.has_network_agents, seconds, "the network agents to be alive")

    def has_compute_host(self):
        up = [s for s in self.admin_get("compute", "/os-services?binary=nova-compute", "services")
              if s["state"] == "up"]
        providers = self.admin_get("placement", "/resource_providers", "resource_providers") if up else []
        return providers and self.request(
            "admin", "GET", "placement", f"/resource_providers/{providers[0]['uuid']}/inventories").json["inventories"]

    def has_network_agents(self):
        roles = self.options.get("agent_network.roles", "l2,l3,dhcp,metadata").split(",")
        agents = self.admin_get("network", "/v2.0/agents", "agents")
        return sum(a["alive"] for a in agents) >= len(roles)

    def admin_get(self, service, path, key):
        """What a list holds; nothing while the service does not answer."""
        r = self.request("admin", "GET", service, path)
        return r.json[key] if r.status == 200 else []

    def down(self):
        self.command("down")

    def restart(self):
        self.down()
        self.up()

    def close(self, keep=False):
        self.command("down", check=False)
        if keep:
            print(f"# state kept in {self.state}")
        else:
            if "agent" in self.roles:  # Its DHCP servers and routers outlive it on purpose.
                self.command("purge", check=False)
            shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self):
        return self.up()

    def __exit__(self, *exc):
        self.close()

    # --- Processes

    def running(self, role):
        """What STATE/run/ROLE.json says; None when it does not run."""
        try:
            with open(f"{self.state}/run/{role}.json", encoding="utf-8") as f:
                who = json.load(f)
            os.kill(who["pid"], 0)
            return who
        except (OSError, ValueError):
            return None

    def kill(self, role, sig=signal.SIGKILL):
        """Kills the role's process and waits until the supervisor's next one answers."""
        before = self.running(role)
        if not before:
            raise CloudError(f"{role} does not run")
        os.kill(before["pid"], sig)
        self.wait(lambda: (self.running(role) or before)["pid"] != before["pid"], 20, f"{role} to come back")

    def wait(self, condition, seconds, what):
        """Polls until 'condition' gives something true, and returns that."""
        end = time.monotonic() + seconds
        pause = 0.005
        while True:
            got = condition()
            if got:
                return got
            if time.monotonic() > end:
                raise CloudError(f"waited {seconds} s for {what}\n{self.log_tail()}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    # --- Logs

    def logs(self):
        for path in sorted(pathlib.Path(self.state, "logs").glob("*.log")):
            yield path.stem, path.read_text(encoding="utf-8", errors="replace").splitlines()

    def log_tail(self, lines=6):
        """The last warnings, errors and reports of sanitizers of each role."""
        out = []
        for name, text in self.logs():
            bad = [x for x in text if " ERROR " in x or " WARNING " in x or any(r in x for r in REPORTS)]
            out += [f"    {name}: {x}" for x in bad[-lines:]]
        return "\n".join(out)

    def reports(self):
        """What sanitizers found."""
        return [f"{name}: {x}" for name, text in self.logs() for x in text if any(r in x for r in REPORTS)]

    # --- Users and requests

    def secret(self, name):
        return pathlib.Path(self.state, "secrets", name).read_text(encoding="utf-8").strip()

    def auth_url(self):
        return f"http://{self.address}:5000/v3"

    def add_user(self, name, project, roles):
        """Makes a user of the default domain with roles on a project (made when missing)."""
        password = "pass-" + name
        made = self.request("admin", "POST", "identity", "/users",
                            {"user": {"name": name, "password": password, "domain_id": "default"}})
        if made.status != 201:
            raise CloudError(f"cannot make user {name}: {made.status} {made.text}")
        found = self.request("admin", "GET", "identity", "/projects?name=" + urllib.parse.quote(project)).json
        if found["projects"]:
            pid = found["projects"][0]["id"]
        else:
            pid = self.request("admin", "POST", "identity", "/projects",
                               {"project": {"name": project, "domain_id": "default"}}).json["project"]["id"]
        for role in roles:
            rid = self.request("admin", "GET", "identity", "/roles?name=" + role).json["roles"][0]["id"]
            r = self.request("admin", "PUT", "identity", f"/projects/{pid}/users/{made.json['user']['id']}/roles/{rid}")
            if r.status != 204:
                raise CloudError(f"cannot give {name} role {role}: {r.status} {r.text}")
        self.users[name] = (password, project)

    def login_body(self, who):
        """'who' is NAME (its own project), NAME@system, NAME@unscoped or NAME@PROJECT."""
        name, _, scope = who.partition("@")
        password, project = self.users.get(name) or (self.secret(name), name if name in ("admin", "demo") else "service")
        auth = {"identity": {"methods": ["password"], "password": {
            "user": {"name": name, "domain": {"id": "default"}, "password": password}}}}
        if scope == "system":
            auth["scope"] = {"system": {"all": True}}
        elif scope == "domain":
            auth["scope"] = {"domain": {"id": "default"}}
        elif scope != "unscoped":
            auth["scope"] = {"project": {"name": scope or project, "domain": {"id": "default"}}}
        return {"auth": auth}

    def login(self, who):
        r = call("POST", self.auth_url() + "/auth/tokens", self.login_body(who))
        if r.status != 201:
            raise CloudError(f"{who} cannot log in: {r.status} {r.text}\n{self.log_tail()}")
        self.tokens[who] = (r.headers["X-Subject-Token"], r.json["token"])
        for service in r.json["token"].get("catalog", []):
            for e in service["endpoints"]:
                if e["interface"] == "public":
                    self.catalog[service["type"]] = e["url"].rstrip("/")
        return r

    def token(self, who):
        """Token and what it says, logging in once."""
        if who not in self.tokens:
            self.login(who)
        return self.tokens[who]

    def url(self, service, path):
        """'service' as in the catalog; with '!' behind it, below its host and port."""
        name = service.rstrip("!")
        if name == "identity":
            base = self.auth_url()
        else:
            if name not in self.catalog:
                self.token("admin")
            base = self.catalog.get(name)
            if not base:
                raise CloudError(f"the catalog has no service '{name}'")
        if service.endswith("!"):
            base = "http://" + urllib.parse.urlsplit(base).netloc
        return base + path

    def request(self, who, method, service, path, body=None, headers=None):
        """A request as user 'who' (None: without a token)."""
        headers = dict(headers or {})
        if who:
            headers.setdefault("X-Auth-Token", self.token(who)[0])
        return call(method, self.url(service, path), body, headers)

    def client_env(self, who="admin"):
        """The environment of stock clients."""
        name, _, project = who.partition("@")
        password, own = self.users.get(name) or (self.secret(name), name)
        env = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        env.update(OS_AUTH_URL=self.auth_url(), OS_USERNAME=name, OS_PASSWORD=password,
                   OS_PROJECT_NAME=project or own, OS_USER_DOMAIN_NAME="Default", OS_PROJECT_DOMAIN_NAME="Default",
                   OS_IDENTITY_API_VERSION="3", OS_REGION_NAME="RegionOne", OS_AUTH_TYPE="password",
                   STATE=self.state, ADDRESS=self.address, STACKD=self.program,
                   KIT=str(pathlib.Path(__file__).resolve().parent))
        return env
