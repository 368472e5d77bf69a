# SPDX-License-Identifier: Apache-2.0
"""One directory, one cloud, and a domain for each way to look at the directory."""
import pathlib
import shutil
import tempfile
import time
import urllib.parse

from cloud import Cloud, call


class Lab:
    """slapd: the directory; defaults: options of [ldap] that every domain has unless it says otherwise."""

    def __init__(self, slapd, defaults, **identity):
        self.slapd, self.defaults, self.domains = slapd, defaults, {}
        self.configs = pathlib.Path(tempfile.mkdtemp(prefix="stackd-domains-"))
        self.configs.chmod(0o755)
        self.cloud = Cloud(["identity"], {
            "identity.domain_specific_drivers_enabled": "true", "identity.domain_config_dir": str(self.configs),
            "identity.auth_methods": "password,token,application_credential",
            **{f"identity.{k}": v for k, v in identity.items()}})

    def write_config(self, name, **options):
        """keystone.NAME.conf as Keystone has it."""
        ldap = {"url": self.slapd.url, **self.defaults, **options}
        lines = ["[identity]", "driver = ldap", "[ldap]"] + [f"{k} = {v}" for k, v in ldap.items() if v is not None]
        path = self.configs / f"keystone.{name}.conf"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o644)

    def domain(self, name, **options):
        if name not in self.domains:
            self.write_config(name, **options)
            r = self.ask("POST", "/domains", {"domain": {"name": name}})
            self.domains[name] = r.json["domain"]["id"]
        return self.domains[name]

    def ask(self, method, path, body=None, who="admin@system", **headers):
        return self.cloud.request(who, method, "identity", path, body, headers)

    def list(self, domain, **query):
        q = urllib.parse.urlencode({"domain_id": self.domains[domain], **query})
        return self.ask("GET", "/users?" + q)

    def users(self, domain, **query):
        r = self.list(domain, **query)
        assert r.status == 200, f"{r.status} {r.text}"
        return r.json["users"]

    def user(self, domain, name):
        return next(u for u in self.users(domain) if u["name"] == name)

    def login(self, domain, name, password, scope=None):
        user = {"name": name, "domain": {"name": domain}, "password": password}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        if scope:
            body["auth"]["scope"] = scope
        return call("POST", self.cloud.auth_url() + "/auth/tokens", body)

    def validate(self, token):
        return self.ask("GET", "/auth/tokens", **{"X-Subject-Token": token})

    def role(self, name):
        return self.ask("GET", "/roles?name=" + name).json["roles"][0]["id"]

    def close(self):
        self.cloud.close()
        self.slapd.close()
        shutil.rmtree(self.configs, ignore_errors=True)


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


def expect(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"
