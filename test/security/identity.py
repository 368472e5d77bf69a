# SPDX-License-Identifier: Apache-2.0
"""Identity: logins, tokens, and what takes a token away."""
import base64
import os
import pathlib
import shutil
import stat
import statistics
import subprocess
import time

import fernet
from kit import call, case, expect, expect_status, unique, unknown


def log_in(lab, user=None, body=None):
    return call("POST", lab.auth_url() + "/auth/tokens", body or lab.login_body(user))


def password_body(name, password, domain="default"):
    return {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": name, "domain": {"id": domain}, "password": password}}}}}


def renew(lab, token, scope=None):
    auth = {"identity": {"methods": ["token"], "token": {"id": token}}}
    if scope:
        auth["scope"] = scope
    return log_in(lab, body={"auth": auth})


def is_dead(lab, token, what):
    expect_status(lab.validate(token), 404, what=what + ": validation")
    r = call("GET", lab.auth_url() + "/auth/projects", headers={"X-Auth-Token": token})
    expect_status(r, 401, what=what + ": use")
    for service, path in (("image", "/v2/images"), ("placement", "/resource_providers"), ("network", "/v2.0/networks"),
                          ("compute", "/v2.1/flavors")):
        if lab.has(service):
            expect_status(call("GET", lab.url(service + "!", path), headers={"X-Auth-Token": token}), 401, what=f"{what}: {service}")


def use_everywhere(lab, token):
    """So that each service has it in its cache."""
    for service, path in (("image", "/v2/images"), ("placement", "/"), ("network", "/v2.0/networks"), ("compute", "/v2.1/flavors")):
        if lab.has(service):
            call("GET", lab.url(service + "!", path), headers={"X-Auth-Token": token})


def token_of(lab, name):
    r = expect_status(log_in(lab, name), 201)
    use_everywhere(lab, r.headers["X-Subject-Token"])
    return r.headers["X-Subject-Token"], r.json["token"]


@case("OSSA-2012-002", "GENERIC-17")
def long_passwords(lab):
    began = time.monotonic()
    for n in (4097, 100000, 900000):
        expect_status(log_in(lab, body=password_body("admin", "x" * n)), 400, 401, 413)
    expect(time.monotonic() - began < 3, "a long password takes long")
    name, secret = unique("long"), "p" * 80
    lab.ok("admin", "POST", "identity", "/users", {"user": {"name": name, "password": secret + "tail", "domain_id": "default"}})
    expect_status(log_in(lab, body=password_body(name, secret + "tail")), 201)
    for short in (secret[:72], secret, secret + "tai", secret + "other"):
        expect_status(log_in(lab, body=password_body(name, short)), 401, what=f"the first {len(short)} bytes of a password")
    expect_status(log_in(lab, body=password_body(name, secret + "tail\u0000x")), 400, 401)


@case("OSSA-2013-015")
def empty_passwords(lab):
    for password in ("", None):
        expect_status(log_in(lab, body=password_body("admin", password)), 400, 401)
    expect_status(log_in(lab, body={"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": "admin", "domain": {"id": "default"}}}}}}), 401)
    name = unique("nopass")
    lab.ok("admin", "POST", "identity", "/users", {"user": {"name": name, "domain_id": "default"}})
    expect_status(log_in(lab, body=password_body(name, "")), 400, 401)


@case("OSSA-2012-010", "OSSA-2012-019", "OSSA-2016-008", "GENERIC-14")
def renewing(lab):
    """A token made of a token lives no longer and belongs to its chain."""
    name, _ = lab.fresh_user()
    first, says = token_of(lab, name)
    token, chain = first, says["audit_ids"][-1]
    for _ in range(3):
        r = expect_status(renew(lab, token, {"project": {"id": says["project"]["id"]}}), 201)
        expect(r.json["token"]["expires_at"] == says["expires_at"], "renewing moved the expiry")
        expect(r.json["token"]["audit_ids"][-1] == chain and len(r.json["token"]["audit_ids"]) == 2, "the audit chain is lost")
        expect(r.json["token"]["roles"] == says["roles"], "renewing changed the roles")
        token = r.headers["X-Subject-Token"]
    expect_status(lab.request("admin", "DELETE", "identity", "/auth/tokens", headers={"X-Subject-Token": token}), 204)
    is_dead(lab, token, "a revoked token")
    expect_status(renew(lab, token), 401, 404)


@case("OSSA-2012-010", "OSSA-2013-009", "OSSA-2013-014", "GENERIC-14")
def dead_after_password_and_disabling(lab):
    for change in ({"password": "another one"}, {"enabled": False}):
        name, uid = lab.fresh_user()
        token, _ = token_of(lab, name)
        lab.ok("admin", "PATCH", "identity", f"/users/{uid}", {"user": change})
        is_dead(lab, token, f"after {change}")


@case("OSSA-2012-014", "OSSA-2012-016", "OSSA-2013-011", "OSSA-2014-026")
def dead_after_losing_what_it_stood_on(lab):
    name, uid = lab.fresh_user()
    token, says = token_of(lab, name)
    project = says["project"]["id"]
    role = says["roles"][0]["id"] if says["roles"][0]["name"] == "member" else [r for r in says["roles"] if r["name"] == "member"][0]["id"]
    lab.ok("admin", "DELETE", "identity", f"/projects/{project}/users/{uid}/roles/{role}")
    is_dead(lab, token, "after its role was taken")

    domain = lab.ok("admin", "POST", "identity", "/domains", {"domain": {"name": unique()}})["domain"]["id"]
    made = lab.ok("admin", "POST", "identity", "/projects", {"project": {"name": unique(), "domain_id": domain}})["project"]["id"]
    lab.ok("admin", "PUT", "identity", f"/projects/{made}/users/{uid}/roles/{role}")
    body = lab.login_body(name)
    body["auth"]["scope"] = {"project": {"id": made}}
    token = expect_status(log_in(lab, body=body), 201).headers["X-Subject-Token"]
    use_everywhere(lab, token)
    lab.ok("admin", "PATCH", "identity", f"/projects/{made}", {"project": {"enabled": False}})
    is_dead(lab, token, "of a disabled project")
    expect_status(log_in(lab, body=body), 401)
    lab.ok("admin", "PATCH", "identity", f"/projects/{made}", {"project": {"enabled": True}})
    lab.ok("admin", "PATCH", "identity", f"/domains/{domain}", {"domain": {"enabled": False}})
    expect_status(log_in(lab, body=body), 401)
    name, uid = lab.fresh_user()
    token, _ = token_of(lab, name)
    lab.ok("admin", "DELETE", "identity", f"/users/{uid}")
    is_dead(lab, token, "of a deleted user")


@case("GENERIC-14", "GENERIC-15")
def expired_tokens(lab):
    """An expired token is none, but to a service that asks what it was; another token beside it changes nothing."""
    def expired(token, seconds_ago=60):
        return fernet.expired(f"{lab.state}/identity/fernet-keys", token, seconds_ago)

    def asked(token, by="admin", query="?allow_expired=1"):
        return lab.request(by, "GET", "identity", "/auth/tokens" + query, headers={"X-Subject-Token": token})
    name, _ = lab.fresh_user()
    token, says = token_of(lab, name)
    old = expired(token)
    is_dead(lab, old, "an expired token")
    expect_status(renew(lab, old), 401, 404, what="a token for an expired one")
    helper, _ = lab.fresh_user(roles=("service",))
    for by in ("admin", helper):
        was = expect_status(asked(old, by), 200, what=f"what an expired token was, by {by}").json["token"]
        expect((was["user"]["id"], was["project"]["id"]) == (says["user"]["id"], says["project"]["id"]), f"an expired token became another: {was}")
    expect_status(asked(old, "bob"), 403, 404, what="by somebody else")
    for query in ("", "?allow_expired=0", "?allow_expired=false"):
        expect_status(asked(old, query=query), 404, what=f"with '{query}'")
    expect_status(asked(expired(token, 172800 - 60)), 200, what="within the window")
    expect_status(asked(expired(token, 172800 + 60)), 404, what="after the window")
    # A service token is the word of a service about itself: it makes nothing of an ordinary user's,
    # and an ordinary user's is no service's.
    for beside in (lab.token("bob")[0], lab.token("ann")[0], expired(lab.token(helper)[0]), "x"):
        r = call("GET", lab.auth_url() + "/auth/projects", headers={"X-Auth-Token": old, "X-Service-Token": beside})
        expect_status(r, 401, what="an expired token beside one that is no service's")
        for service, path in (("image", "/v2/images"), ("placement", "/resource_providers"), ("network", "/v2.0/networks")):
            if lab.has(service):
                r = call("GET", lab.url(service + "!", path), headers={"X-Auth-Token": old, "X-Service-Token": beside})
                expect_status(r, 401, what=f"{service}: an expired token beside one that is no service's")
    for beside in (lab.token("admin")[0], lab.token(helper)[0]):
        r = call("GET", lab.auth_url() + "/users", headers={"X-Auth-Token": token, "X-Service-Token": beside})
        expect_status(r, 403, what="rights of the token beside it")
    expect_status(lab.request("admin", "DELETE", "identity", "/auth/tokens", headers={"X-Subject-Token": token}), 204)
    expect_status(asked(old), 404, what="a token that was revoked and expired")


# A list that anybody may ask for, or that says 403 to who may not.
LISTS = (("image", "/v2/images"), ("placement", "/resource_providers"), ("network", "/v2.0/networks"), ("compute", "/v2.1/flavors"))


@case("GENERIC-14", "GENERIC-15")
def service_tokens(lab):
    """A service ends what a user began, although the user's token has expired; a service token gives nothing else, to nobody else."""
    def expired(token, seconds_ago=60):
        return fernet.expired(f"{lab.state}/identity/fernet-keys", token, seconds_ago)

    def fresh(who):
        return expect_status(log_in(lab, who), 201).headers["X-Subject-Token"]

    def revoke(token):
        expect_status(lab.request("admin", "DELETE", "identity", "/auth/tokens", headers={"X-Subject-Token": token}), 204)
    helper, _ = lab.fresh_user(project="service", roles=("service",))
    name, _ = lab.fresh_user(roles=("admin",))
    for service, path in LISTS:
        if not lab.has(service):
            continue

        def asked(token, beside, status, what):
            """Twice, for the second answer may come from a cache."""
            for again in ("", ", again"):
                headers = {"X-Auth-Token": token, **({"X-Service-Token": beside} if beside else {})}
                expect_status(call("GET", lab.url(service + "!", path), headers=headers), status, what=f"{service}: {what}{again}")
        of_service, of_user = fresh(helper), fresh("bob")
        for first in (True, False):
            old = expired(fresh(name))
            if first:
                asked(old, None, 401, "an expired token")
            asked(old, of_service, 200, "an expired token with a service's")
            asked(old, None, 401, "an expired token, after a service came with it")
            asked(old, of_user, 401, "an expired token with a user's")
            asked(old, old, 401, "an expired token with itself")
            asked(old, expired(of_service), 401, "an expired token with an expired one of a service")
            asked(old, of_service, 200, "an expired token with a service's, at last")
        asked(expired(fresh(name), 172800 + 60), of_service, 401, "a token that expired before the window")
        asked("x", of_service, 401, "no token with a service's")
        token = fresh(name)
        asked(token, of_service, 200, "a token with a service's")
        for beside in ("x", of_user, expired(of_service)):
            asked(token, beside, 401, "a token beside one that is no service's")
        asked(token, None, 200, "a token alone")
        old = expired(token)
        asked(old, of_service, 200, "it, when it has expired")
        revoke(token)
        asked(token, of_service, 401, "a revoked token with a service's")
        asked(old, of_service, 401, "a revoked and expired token with a service's")
        old = expired(fresh(name))
        asked(old, of_service, 200, "an expired token with a service's that will be revoked")
        revoke(of_service)
        asked(old, of_service, 401, "an expired token with a service's that was revoked")
        # What the service may is not the user's, and its word counts for rules of access, which a user's does not.
        if service == "placement":
            asked(fresh("ann"), fresh(helper), 403, "a member's token with a service's")
        held = AccessRule(lab, name, service, "/nowhere").token()
        asked(held, None, 401, "a token held by rules")
        asked(held, fresh("bob"), 401, "a token held by rules with a user's")
        asked(held, fresh(helper), 200, "a token held by rules with a service's")
        asked(fresh(name), AccessRule(lab, helper, service, "/nowhere").token(), 401, "with a service's that is held by rules")


class AccessRule:
    """An application credential for one path."""

    def __init__(self, lab, owner, service, path):
        self.lab = lab
        token, says = token_of(lab, owner)
        r = call("POST", lab.auth_url() + f"/users/{says['user']['id']}/application_credentials", {"application_credential": {
            "name": unique("app"), "access_rules": [{"service": service, "method": "GET", "path": path}]}}, {"X-Auth-Token": token})
        self.made = expect_status(r, 201).json["application_credential"]

    def token(self):
        body = {"auth": {"identity": {"methods": ["application_credential"],
                                      "application_credential": {"id": self.made["id"], "secret": self.made["secret"]}}}}
        return expect_status(log_in(self.lab, body=body), 201).headers["X-Subject-Token"]


@case("OSSA-2012-013")
def default_project_gives_nothing(lab):
    blue = lab.project("bob")
    before = lab.ok("admin", "GET", "identity", f"/role_assignments?scope.project.id={blue}")["role_assignments"]
    r = lab.request("ann", "PATCH", "identity", "/users/" + lab.user_id("ann"), {"user": {"default_project_id": blue}})
    expect_status(r, 403)
    lab.ok("admin", "PATCH", "identity", "/users/" + lab.user_id("ann"), {"user": {"default_project_id": blue}})
    body = lab.login_body("ann")
    del body["auth"]["scope"]
    r = expect_status(log_in(lab, body=body), 201)
    expect("project" not in r.json["token"], "a default project without a role gave a scope")
    after = lab.ok("admin", "GET", "identity", f"/role_assignments?scope.project.id={blue}")["role_assignments"]
    expect(before == after, "the assignments changed")


@case("OSSA-2013-003", "OSSA-2014-013")
def logins_without_account(lab):
    body = password_body(unique(), "x")
    began = time.monotonic()
    one = log_in(lab, body=body)
    expect_status(one, 401)
    body["auth"]["identity"]["methods"] = ["password"] * 5000
    expect_status(log_in(lab, body=body), 400, 401)
    expect(time.monotonic() - began < 3, "methods are evaluated more than once")
    before = len(lab.log_text().splitlines())
    for _ in range(50):
        expect_status(call("POST", lab.auth_url() + "/auth/tokens", b"{" + b"x" * 9000, {"Content-Type": "application/json"}), 400)
    lines = lab.log_text().splitlines()
    expect(len(lines) - before <= 60 and max(map(len, lines)) < 4096, "refused logins fill the log")


@case("OSSA-2013-028")
def removing_a_role_gives_none(lab):
    roles = lab.ok("admin", "GET", "identity", "/roles?name=admin")["roles"][0]["id"]
    path = f"/projects/{lab.project('ann')}/users/{lab.user_id('ann')}/roles/{roles}"
    expect_status(lab.request("admin", "DELETE", "identity", path), 404)
    expect_status(lab.request("admin", "HEAD", "identity", path), 404)


@case("OSSA-2014-029")
def placeholders_in_endpoints(lab):
    service = lab.ok("admin", "POST", "identity", "/services", {"service": {"name": unique(), "type": unique()}})["service"]["id"]
    for url in ("http://x.example/%(admin_token)s", "http://x.example/$(admin_password)s", "http://x.example/%(database)s/",
                "http://x.example/%(tenant_id", "http://x.example/$(tenant_id)", "http://x.example/%(tenant_id)d"):
        r = lab.request("admin", "POST", "identity", "/endpoints", {"endpoint": {"service_id": service, "interface": "public", "url": url}})
        expect_status(r, 400, what=url)
    lab.ok("admin", "POST", "identity", "/endpoints", {"endpoint": {
        "service_id": service, "interface": "public", "url": "http://x.example/%(tenant_id)s"}})
    lab.ok("admin", "DELETE", "identity", "/services/" + service)


@case("OSSA-2016-005", "GENERIC-13")
def altered_tokens(lab):
    """Only one spelling of a token is one."""
    token = lab.token("ann")[0]
    others = {token + "=", token + "==", token + "%3D", token[:-1], token + "A", token[1:], token.upper(), token.swapcase(),
              token.replace("-", "+").replace("_", "/") + "x", token + "\t.", token[:-1] + ".", "", "x", "gAAAAA", token * 20, token + "," + token}
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for i in list(range(len(token))):
        c = token[i]
        others.add(token[:i] + alphabet[(alphabet.index(c) + 1) % 64] + token[i + 1:])
    others |= {token[:-1] + c for c in alphabet}
    others |= {token[:-2] + c + token[-1] for c in alphabet}
    others.discard(token)
    for other in others:
        if not other:
            continue
        r = lab.request(None, "GET", "identity", "/auth/projects", headers={"X-Auth-Token": other})
        expect_status(r, 401, what=f"a token altered to {other[:12]}…{other[-12:]}")
    for other in list(others)[:40]:
        if other:
            expect_status(lab.validate(other), 404, what="validation of an altered token")
    expect_status(lab.validate(token), 200)


@case("OSSA-2018-002")
def own_projects_only(lab):
    for path in ("/auth/projects", "/OS-FEDERATION/projects", f"/users/{lab.user_id('ann')}/projects"):
        r = lab.request("ann", "GET", "identity", path)
        expect(r.status in (200, 404), f"{path}: {r.status}")
        if r.status == 200:
            expect([p["id"] for p in r.json["projects"]] == [lab.project("ann")], f"{path} shows projects of others")
    expect_status(lab.request("ann", "GET", "identity", f"/users/{lab.user_id('bob')}/projects"), 403, 404)
    expect_status(lab.request("ann", "GET", "identity", "/projects"), 403)


@case("OSSA-2021-003", "GENERIC-16")
def logins_tell_nothing(lab):
    name, uid = lab.fresh_user()
    disabled, did = lab.fresh_user()
    lab.ok("admin", "PATCH", "identity", f"/users/{did}", {"user": {"enabled": False}})
    right = lab.users[disabled][0]
    bodies = {"unknown": password_body(unique(), "wrong"), "wrong": password_body(name, "wrong"),
              "disabled": password_body(disabled, right), "domain": password_body(name, "wrong", unknown())}
    texts, times = {}, {k: [] for k in bodies}
    for _ in range(9):
        for kind, body in bodies.items():
            began = time.monotonic()
            texts[kind] = expect_status(log_in(lab, body=body), 401).text
            times[kind].append(time.monotonic() - began)
    expect(len(set(texts.values())) == 1, f"the answers differ: {texts}")
    expect(uid not in texts["wrong"] and did not in texts["disabled"], "an id is told")
    slow = {k: statistics.median(v) for k, v in times.items()}
    expect(min(slow.values()) > max(slow.values()) / 4, f"the times tell who exists: {slow}")


@case("GENERIC-56")
def targets_of_ones_own(lab):
    bob, ann = lab.user_id("bob"), lab.user_id("ann")
    for query in (f"?user_id={ann}", f"?target.user.id={ann}", f"?project_id={lab.project('ann')}"):
        expect_status(lab.request("ann", "GET", "identity", f"/users/{bob}{query}"), 403)
        expect_status(lab.request("ann", "GET", "identity", f"/users/{bob}/groups{query}"), 403)
    r = lab.request("ann", "PATCH", "identity", f"/users/{bob}", {"user": {"name": unique(), "id": ann}, "target": {"user": {"id": ann}}})
    expect_status(r, 403)
    r = lab.request("ann", "POST", "identity", f"/users/{bob}/password", {
        "user": {"password": "x" * 10, "original_password": "y" * 10}, "target": {"user": {"id": ann}}})
    expect_status(r, 401, 403)


@case("GENERIC-62")
def nothing_equals_nothing(lab):
    """A project token has no domain, and a domain none above it: that is no match."""
    expect_status(lab.request("ann", "PATCH", "identity", "/domains/default", {"domain": {"description": "mine"}}), 403)
    # A domain is a project without a domain: its tree is nobody's to read who has none (CVE-2026-80183).
    for who in ("ann", "rita"):
        for query in ("scope.project.id=default&include_subtree", "scope.project.id=default&include_subtree=1&include_names=1"):
            expect_status(lab.request(who, "GET", "identity", "/role_assignments?" + query), 403, what=f"{query} by {who}")
    name, _ = lab.fresh_user(roles=("manager",) if lab.ok("admin", "GET", "identity", "/roles?name=manager")["roles"] else ("member",))
    expect_status(lab.request(name, "PATCH", "identity", "/domains/default", {"domain": {"description": "mine"}}), 403)
    expect_status(lab.request(name, "POST", "identity", "/users", {"user": {"name": unique()}}), 403)


@case("GENERIC-10", "GENERIC-11", "GENERIC-12")
def mass_assignment(lab):
    mine = unknown()
    r = lab.request("admin", "POST", "identity", "/users", {"user": {"name": unique(), "id": mine, "password_expires_at": "2000-01-01T00:00:00Z"}})
    expect(r.status == 400 or r.json["user"]["id"] != mine, "an id was chosen by a client")
    r = lab.request("ann", "PATCH", "identity", "/users/" + lab.user_id("ann"), {"user": {"enabled": True, "domain_id": unknown()}})
    expect_status(r, 400, 403)
    for method, path, body in (("PATCH", f"/projects/{lab.project('bob')}", {"project": {"description": "mine"}}),
                               ("DELETE", f"/projects/{lab.project('bob')}", None), ("GET", f"/projects/{lab.project('bob')}", None),
                               ("DELETE", f"/users/{lab.user_id('bob')}", None), ("PUT", f"/projects/{lab.project('bob')}/tags/x", None)):
        theirs = lab.request("ann", method, "identity", path, body)
        nobodys = lab.request("ann", method, "identity", path.replace(lab.project("bob"), mine).replace(lab.user_id("bob"), mine), body)
        expect(theirs.status in (403, 404) and nobodys.status in (403, 404), f"{method} {path}: {theirs.status}, {nobodys.status}")


@case("OSSA-2013-013", "OSSA-2014-036")
def passwords_as_arguments(lab):
    """No process of the cloud has a secret among its arguments."""
    secrets = {pathlib.Path(lab.state, "secrets", f).read_text(encoding="utf-8").strip() for f in os.listdir(lab.state + "/secrets")}
    seen = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path("/proc", pid, "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        seen += lab.state in words
        expect(not any(len(s) > 7 and s in words for s in secrets), f"a secret among the arguments of {words.split(chr(0))[:2]}")
    expect(seen > 1, "no process of this cloud was found")
    help_text = subprocess.run([lab.program, "help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    expect("--password" not in help_text, "a command takes a password as an argument")


@case("GENERIC-55", "OSSA-2014-001")
def modes_of_files(lab):
    """Keys, passwords and databases are their service's alone."""
    secret = ("secrets", "fernet", "keys", "credential")
    for path in pathlib.Path(lab.state).rglob("*"):
        info = path.lstat()
        where = str(path.relative_to(lab.state))
        if stat.S_ISLNK(info.st_mode):
            continue
        expect(not info.st_mode & stat.S_IWOTH or stat.S_ISSOCK(info.st_mode), f"{where} can be written by anyone")
        closed = any(p.stat().st_mode & 0o077 == 0 for p in path.parents if str(p).startswith(lab.state + "/"))
        wants = where.endswith((".db", ".db-wal", ".db-shm", ".key", ".conf")) or any(w in where.split("/") for w in secret)
        if wants and stat.S_ISREG(info.st_mode) and not closed:
            expect(not info.st_mode & 0o007, f"{where} has mode {info.st_mode & 0o777:o}")


@case("OSSA-2014-030")
def words_that_are_no_boolean(lab):
    """'Insecure = maybe' stops the start."""
    r = subprocess.run([lab.program, "identity", "--state", lab.state + "/none", "--set", "identity.enforce_scope=maybe"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=10)
    expect(r.returncode != 0 and "enforce_scope" in r.stdout, f"{r.returncode}: {r.stdout[:200]}")


@case("OSSA-2013-010")
def no_shared_directories(lab):
    """No default lies where every user may write."""
    out = subprocess.run([lab.program, "dump", "options"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in out.splitlines():
        expect("= /tmp" not in line and "= /var/tmp" not in line, line)


@case("OSSA-2013-010")
def keys_that_others_may_write(lab):
    """A key that somebody else can have put there opens nothing, at a start and while identity runs."""
    keys = pathlib.Path(lab.state, "identity", "fernet-keys")
    made, first = lab.token("ann")[0], max(int(p.name) for p in keys.iterdir() if p.name.isdigit())
    planted = keys / str(first + 1)
    members = fernet.fields(keys, made)
    keys.chmod(0o777)
    try:
        r = subprocess.run([lab.program, "identity", "doctor", "--state", lab.state], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        expect(r.returncode != 0 and "everybody may write" in r.stdout, f"{r.returncode}: {r.stdout[:200]}")
        shutil.copy2(keys / "0", planted)
        planted.write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
        forged = fernet.pack(keys, members)
        time.sleep(1.2)  # Keys are looked at once a second.
        for _ in range(2):
            expect_status(lab.request(None, "GET", "identity", "/auth/projects", headers={"X-Auth-Token": forged}), 401, what="a forged token")
        expect_status(lab.validate(made), 200, what="a token of before")
    finally:
        planted.unlink(missing_ok=True)
        keys.chmod(0o700)
