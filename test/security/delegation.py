# SPDX-License-Identifier: Apache-2.0
"""Rights in other hands: trusts, application credentials, EC2 pairs, and logins
that need more than one proof.  None gives more than it was made with."""
import base64
import hashlib
import hmac
import pathlib
import sqlite3
import threading
import time
import urllib.parse

from identity import is_dead, log_in, password_body, renew, token_of, use_everywhere
from kit import call, case, expect, expect_status, unique, unknown


def ask(lab, token, method, path, body=None, **headers):
    return call(method, lab.auth_url() + path, body, {"X-Auth-Token": token, **headers})


def scope_of(project):
    return {"project": {"id": project}}


# --- Trusts -----------------------------------------------------------------


class Delegation:
    """A user who trusts another one, and what comes of it."""

    def __init__(self, lab, impersonation=True, **members):
        self.lab = lab
        self.trustor, self.trustor_id = lab.fresh_user()
        self.trustee, self.trustee_id = lab.fresh_user("blue")
        self.project = lab.project(self.trustor)
        self.trust = expect_status(self.make(lab.token(self.trustor)[0], impersonation, **members), 201).json["trust"]["id"]

    def make(self, token, impersonation=True, to=None, **members):
        return ask(self.lab, token, "POST", "/OS-TRUST/trusts", {"trust": {
            "trustor_user_id": self.trustor_id, "trustee_user_id": to or self.trustee_id, "impersonation": impersonation,
            "project_id": self.project, "roles": [{"name": "member"}], **members}})

    def use(self, scope=None):
        return renew(self.lab, token_of(self.lab, self.trustee)[0], scope or {"OS-TRUST:trust": {"id": self.trust}})

    def token(self):
        token = expect_status(self.use(), 201).headers["X-Subject-Token"]
        use_everywhere(self.lab, token)
        return token


@case("OSSA-2014-006")
def trust_tokens_die_with_the_trustee(lab):
    for change in ({"password": "another one"}, {"enabled": False}, None):
        for side in ("trustee", "trustor"):
            d = Delegation(lab)
            token = d.token()
            who = d.trustee_id if side == "trustee" else d.trustor_id
            if change:
                lab.ok("admin", "PATCH", "identity", f"/users/{who}", {"user": change})
            else:
                lab.ok("admin", "DELETE", "identity", f"/users/{who}")
            if side == "trustee" or change != {"password": "another one"}:
                is_dead(lab, token, f"a trust's token after {change} of the {side}")


@case("OSSA-2014-022")
def a_trust_has_its_own_scope(lab):
    """Whoever names a trust and another scope gets neither."""
    d = Delegation(lab)
    trust, blue = {"OS-TRUST:trust": {"id": d.trust}}, lab.project("bob")
    for scope in ({**trust, **scope_of(blue)}, {**trust, "domain": {"id": "default"}}, {**trust, "system": {"all": True}},
                  {"OS-TRUST:trust": {"id": d.trust, "project": {"id": blue}}}):
        r = d.use(scope)
        expect(r.status in (400, 401, 403) or r.status == 201 and r.json["token"]["project"]["id"] == d.project, f"{scope}: {r.status}")
    token = d.token()
    for scope in (scope_of(blue), {"domain": {"id": "default"}}, {"system": {"all": True}}, "unscoped"):
        expect_status(renew(lab, token, scope), 400, 401, 403, what=f"a trust's token for {scope}")
    expect_status(d.use({"OS-TRUST:trust": {"id": unknown()}}), 401, 403, 404)


@case("OSSA-2014-018")
def no_trust_from_a_delegation(lab):
    d = Delegation(lab)
    token = d.token()
    third = lab.fresh_user()[1]
    expect_status(d.make(token, to=third), 403, what="a trust made of a trust")
    again = Delegation(lab, allow_redelegation=True, redelegation_count=1)
    token = again.token()
    for wrong in ({"roles": [{"name": "admin"}]}, {"project_id": lab.project("bob")}, {"allow_redelegation": True,
                                                                                      "redelegation_count": 5}):
        r = again.make(token, to=third, **wrong)
        expect(r.status in (400, 403, 404), f"a wider trust of a trust, {wrong}: {r.status} {r.text[:200]}")
    expect_status(again.make(token, to=third), 201)


@case("GENERIC-09")
def uses_under_load(lab):
    """Twenty at once, and three uses."""
    d = Delegation(lab, impersonation=False, remaining_uses=3)
    token, got = token_of(lab, d.trustee)[0], []
    threads = [threading.Thread(target=lambda: got.append(renew(lab, token, {"OS-TRUST:trust": {"id": d.trust}}).status)) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(got.count(201) == 3 and set(got) <= {201, 401, 403}, f"uses of a trust: {sorted(got)}")


# --- Application credentials ------------------------------------------------


class AppCred:
    def __init__(self, lab, **members):
        self.lab = lab
        self.owner, self.owner_id = lab.fresh_user()
        self.project = lab.project(self.owner)
        r = ask(lab, lab.token(self.owner)[0], "POST", f"/users/{self.owner_id}/application_credentials",
                {"application_credential": {"name": unique("app"), **members}})
        made = expect_status(r, 201).json["application_credential"]
        self.id, self.secret = made["id"], made["secret"]

    def body(self, scope=None, **more):
        auth = {"identity": {"methods": ["application_credential"],
                             "application_credential": {"id": self.id, "secret": self.secret, **more}}}
        return {"auth": {**auth, "scope": scope} if scope else auth}

    def token(self):
        return expect_status(log_in(self.lab, body=self.body()), 201).headers["X-Subject-Token"]


@case("GENERIC-57")
def a_credential_is_its_owners(lab):
    a = AppCred(lab)
    for user in ({"id": lab.user_id("bob")}, {"id": lab.user_id("admin")}, {"name": "admin", "domain": {"id": "default"}}):
        r = log_in(lab, body=a.body(user=user))
        expect(r.status == 401 or r.json["token"]["user"]["id"] == a.owner_id, f"a credential gave a token of {user}")
    for user in ("bob", "admin"):
        body = {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {
            "name": "x", "secret": a.secret, "user": {"id": lab.user_id(user)}}}}}
        expect_status(log_in(lab, body=body), 401)
    both = password_body("bob", "wrong")["auth"]["identity"]
    both["methods"] = ["application_credential", "password"]
    both.update(a.body()["auth"]["identity"], methods=both["methods"])
    expect_status(log_in(lab, body={"auth": {"identity": both}}), 401)
    both["password"] = {"user": {"id": lab.user_id("bob"), "password": "pass-bob"}}
    r = log_in(lab, body={"auth": {"identity": both}})
    expect(r.status == 401 or r.json["token"]["user"]["id"] == a.owner_id, "two users in one login")


@case("GENERIC-58")
def no_trusts_by_a_credential(lab):
    for unrestricted in (False, True):
        a = AppCred(lab, unrestricted=unrestricted)
        mine = ask(lab, lab.token(a.owner)[0], "POST", "/OS-TRUST/trusts", {"trust": {
            "trustor_user_id": a.owner_id, "trustee_user_id": lab.user_id("bob"), "impersonation": True,
            "project_id": a.project, "roles": [{"name": "member"}]}})
        trust, token = expect_status(mine, 201).json["trust"]["id"], a.token()
        body = {"trust": {"trustor_user_id": a.owner_id, "trustee_user_id": lab.user_id("bob"), "impersonation": True,
                          "project_id": a.project, "roles": [{"name": "member"}]}}
        for method, path in (("POST", ""), ("GET", ""), ("GET", f"?trustor_user_id={a.owner_id}"), ("GET", "/" + trust),
                             ("GET", f"/{trust}/roles"), ("DELETE", "/" + trust)):
            r = ask(lab, token, method, "/OS-TRUST/trusts" + path, body if method == "POST" else None)
            expect_status(r, 403, what=f"{method} {path} by a credential, unrestricted {unrestricted}")


@case("GENERIC-60")
def a_credential_has_its_own_scope(lab):
    lab.add_user(unique("sys"), "red", ["member"])
    a = AppCred(lab)
    token = a.token()
    for scope in (scope_of(lab.project("bob")), {"system": {"all": True}}, {"domain": {"id": "default"}}, "unscoped"):
        expect_status(renew(lab, token, scope), 401, 403, what=f"a credential's token for {scope}")
        expect_status(log_in(lab, body=a.body(scope)), 400, 401, 403, what=f"a credential for {scope}")
    r = renew(lab, token)
    expect_status(r, 403, what="a token made of a credential's")


@case("OSSA-2026-005", "OSSA-2013-032", "GENERIC-61")
def a_delegated_token_stays_in_its_project(lab):
    """By a token of a trust or a credential: no secrets outside its project, and no way to one."""
    restricted = AppCred(lab, roles=[{"name": "reader"}])
    for limited in (restricted, AppCred(lab, unrestricted=True), Delegation(lab), Delegation(lab, impersonation=False)):
        is_app = isinstance(limited, AppCred)
        user = limited.owner_id if is_app else limited.trustor_id
        token = limited.token()
        what = type(limited).__name__
        own = expect_status(ask(lab, lab.token(limited.owner if is_app else limited.trustor)[0], "POST", "/credentials", {
            "credential": {"type": "cert", "blob": "mine", "user_id": user}}), 201).json["credential"]["id"]
        listed = ask(lab, token, "GET", "/credentials")
        expect(listed.status == 403 or own not in listed.text, f"{what} lists credentials outside its project")
        expect_status(ask(lab, token, "GET", "/credentials/" + own), 403, 404, what=f"{what} shows one")
        expect_status(ask(lab, token, "DELETE", "/credentials/" + own), 403, 404, what=f"{what} deletes one")
        for blob, kind in (("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "totp"), ("{\"access\":\"a\",\"secret\":\"b\"}", "ec2"), ("x", "cert")):
            r = ask(lab, token, "POST", "/credentials", {"credential": {"type": kind, "blob": blob, "user_id": user,
                                                                      "project_id": lab.project("bob")}})
            expect_status(r, 403, what=f"{what} makes a credential {kind} elsewhere")
        r = ask(lab, token, "POST", "/credentials", {"credential": {"type": "totp", "blob": "GEZDGNBVGY3TQOJQ", "user_id": user}})
        expect_status(r, 403, what=f"{what} plants a seed")
        r = ask(lab, token, "POST", f"/users/{user}/credentials/OS-EC2", {"tenant_id": lab.project("bob")})
        expect_status(r, 403, what=f"{what} makes an EC2 pair elsewhere")
        # Nor in it: whoever has a part of the rights must not come to a secret that gives all of them.
        pair = Pair(lab, lab.token(limited.owner if is_app else limited.trustor)[0], user, limited.project)
        one, pairs = hashlib.sha256(pair.access.encode()).hexdigest(), f"/users/{user}/credentials/OS-EC2"
        for method, path, body in (("POST", pairs, {"tenant_id": limited.project}), ("GET", pairs, None),
                                   ("GET", f"{pairs}/{pair.access}", None), ("DELETE", f"{pairs}/{pair.access}", None),
                                   ("GET", "/credentials/" + one, None), ("DELETE", "/credentials/" + one, None),
                                   ("PATCH", "/credentials/" + one, {"credential": {"blob": "{\"access\":\"%s\",\"secret\":\"x\"}" % pair.access}}),
                                   ("POST", "/credentials", {"credential": {"type": "totp", "blob": "GEZDGNBVGY3TQOJQ", "user_id": user,
                                                                            "project_id": limited.project}})):
            expect_status(ask(lab, token, method, path, body), 403, what=f"{what}, in its own project: {method} {path}")
        listed = expect_status(ask(lab, token, "GET", "/credentials"), 200)
        expect(listed.json["credentials"] == [], f"{what} lists credentials of its own project")
        expect_status(pair.exchange(), 200)
    token = restricted.token()
    r = ask(lab, token, "POST", f"/users/{restricted.owner_id}/credentials/OS-EC2", {"tenant_id": restricted.project})
    expect_status(r, 403, what="an EC2 pair by a restricted credential")
    r = ask(lab, token, "POST", "/credentials", {"credential": {
        "type": "ec2", "blob": "{\"access\":\"%s\",\"secret\":\"b\"}" % unknown(), "user_id": restricted.owner_id,
        "project_id": restricted.project}})
    expect_status(r, 403, what="an EC2 credential by a restricted credential")
    r = ask(lab, token, "POST", f"/users/{restricted.owner_id}/application_credentials", {"application_credential": {"name": unique()}})
    expect_status(r, 403, what="a credential by a restricted credential")


# --- EC2 pairs --------------------------------------------------------------


class Pair:
    def __init__(self, lab, token, user, project):
        made = expect_status(ask(lab, token, "POST", f"/users/{user}/credentials/OS-EC2", {"tenant_id": project}), 201)
        self.lab, self.made = lab, made.json["credential"]
        self.access, self.secret = self.made["access"], self.made["secret"]

    def signed(self, when=None, **wrong):
        params = {"SignatureVersion": "2", "AWSAccessKeyId": self.access, "SignatureMethod": "HmacSHA256", "Action": "Test",
                  "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() if when is None else when))}
        query = "&".join(f"{k}={urllib.parse.quote(params[k], safe='-_~')}" for k in sorted(params))
        mac = hmac.new(self.secret.encode(), f"GET\nlocalhost\n/x\n{query}".encode(), hashlib.sha256).digest()
        return {"credentials": {"access": self.access, "signature": base64.b64encode(mac).decode(), "host": "localhost", "verb": "GET",
                                "path": "/x", "params": params, **wrong}}

    def exchange(self, who="admin", **options):
        return self.lab.request(who, "POST", "identity", "/ec2tokens", self.signed(**options))


@case("OSSA-2012-018", "OSSA-2013-005")
def pairs_end_with_what_they_stand_on(lab):
    """No token for a pair of somebody who is disabled, or has no role there any more."""
    role = lab.ok("admin", "GET", "identity", "/roles?name=member")["roles"][0]["id"]

    def fresh():
        domain = lab.ok("admin", "POST", "identity", "/domains", {"domain": {"name": unique()}})["domain"]["id"]
        project = lab.ok("admin", "POST", "identity", "/projects", {"project": {"name": unique(), "domain_id": domain}})["project"]["id"]
        name, uid = lab.fresh_user()
        lab.ok("admin", "PUT", "identity", f"/projects/{project}/users/{uid}/roles/{role}")
        pair = Pair(lab, lab.token(name)[0], uid, project)
        expect_status(pair.exchange(), 200)
        return pair, uid, project, domain
    pair, uid, project, _ = fresh()
    lab.ok("admin", "DELETE", "identity", f"/projects/{project}/users/{uid}/roles/{role}")
    expect_status(pair.exchange(), 401, what="without a role")
    for kind in ("users", "projects", "domains"):
        pair, uid, project, domain = fresh()
        one = {"users": uid, "projects": project, "domains": domain}[kind]
        lab.ok("admin", "PATCH", "identity", f"/{kind}/{one}", {kind[:-1]: {"enabled": False}})
        expect_status(pair.exchange(), 401, what=f"disabled: {kind}")


@case("OSSA-2020-003", "OSSA-2025-002")
def signed_requests_grow_old(lab):
    pair = Pair(lab, lab.token("ann")[0], lab.user_id("ann"), lab.project("ann"))
    expect_status(pair.exchange(), 200)
    for age in (1000, 86400, 10 * 365 * 86400):
        expect_status(pair.exchange(when=time.time() - age), 401, what=f"a signature of {age} s ago")
    for wrong in ({"verb": "POST"}, {"path": "/y"}, {"host": "other"}, {"signature": "x"}, {"signature": ""}):
        expect_status(pair.exchange(**wrong), 401, what=str(wrong))
    # Only services exchange signatures, and nobody does without a token.
    for path in ("/ec2tokens", "/s3tokens"):
        r = call("POST", lab.auth_url() + path, pair.signed())
        expect_status(r, 401, what=f"{path} without a token")
        for who in ("ann", "bob", "rita"):
            expect_status(lab.request(who, "POST", "identity", path, pair.signed()), 403, what=f"{path} by {who}")


@case("OSSA-2020-004", "GENERIC-61")
def pairs_keep_to_their_project(lab):
    name, uid = lab.fresh_user()
    own = Pair(lab, lab.token(name)[0], uid, lab.project(name))
    # Its tokens are for other services, and lead to no others.
    token = expect_status(own.exchange(), 200).headers["X-Subject-Token"]
    expect_status(lab.validate(token), 200)
    for scope in (None, "unscoped", scope_of(lab.project(name)), scope_of(lab.project("bob")), {"system": {"all": True}}):
        expect_status(renew(lab, token, scope), 403, what=f"the pair's token for {scope}")
    for method, path, body in (("GET", "/auth/projects", None), ("GET", "/users/" + uid, None), ("GET", "/credentials", None),
                               ("POST", f"/users/{uid}/application_credentials", {"application_credential": {"name": unique()}})):
        expect_status(ask(lab, token, method, path, body), 403, what=f"{method} {path} with a pair's token")
    # A pair is nobody else's, and stays in its project.
    one = hashlib.sha256(own.access.encode()).hexdigest()
    for change in ({"user_id": lab.user_id("bob")}, {"project_id": lab.project("bob")}, {"user_id": lab.user_id("admin")}):
        r = ask(lab, lab.token(name)[0], "PATCH", "/credentials/" + one, {"credential": change})
        shown = expect_status(ask(lab, lab.token("admin")[0], "GET", "/credentials/" + one), 200).json["credential"]
        moved = shown["user_id"] != uid
        expect(r.status in (400, 403) and not moved or "project_id" in change and not moved, f"{change}: {r.status}, {shown}")
    r = own.exchange()
    expect(r.status == 401 or r.json["token"]["user"]["id"] == uid, "a pair became another user's")
    r = lab.request(name, "PATCH", "identity", "/credentials/" + one, {"credential": {"blob": "{\"access\":\"x\",\"secret\":\"y\",\"trust_id\":\"z\"}"}})
    expect_status(r, 400, 403, what="a trust written into a pair")


@case("OSSA-2019-006")
def credentials_of_others(lab):
    made = []
    for who in ("ann", "bob"):
        r = lab.request(who, "POST", "identity", "/credentials", {"credential": {"type": "cert", "blob": unique(), "user_id": lab.user_id(who)}})
        made.append(expect_status(r, 201).json["credential"]["id"])
    for query in ("", f"?user_id={lab.user_id('bob')}", "?type=cert"):
        r = lab.request("ann", "GET", "identity", "/credentials" + query)
        expect(r.status == 403 or made[1] not in r.text, f"a list with {query} shows another's credential")
    for method, body in (("GET", None), ("PATCH", {"credential": {"blob": "x"}}), ("DELETE", None)):
        theirs = lab.request("ann", method, "identity", "/credentials/" + made[1], body)
        nobodys = lab.request("ann", method, "identity", "/credentials/" + unknown(), body)
        expect(theirs.status == nobodys.status == 403, f"{method} of another's credential: {theirs.status}, of none: {nobodys.status}")
    r = lab.request("ann", "POST", "identity", "/credentials", {"credential": {"type": "cert", "blob": "x", "user_id": lab.user_id("bob")}})
    expect_status(r, 403)


# --- More than one proof ----------------------------------------------------


@case("GENERIC-63")
def rules_of_several_proofs(lab):
    """A rule with a proof that is not offered is never met; that is no way round it."""
    for rules, ok in (([["password", "totp"]], False), ([["password", "external"]], False), ([["password", "totp"], ["password"]], True),
                      ([["totp"]], False), ([["password"]], True)):
        name, uid = lab.fresh_user()
        lab.ok("admin", "PATCH", "identity", f"/users/{uid}", {"user": {"options": {
            "multi_factor_auth_enabled": True, "multi_factor_auth_rules": rules}}})
        r = log_in(lab, body=password_body(name, lab.users[name][0]))
        expect(r.status == (201 if ok else 401), f"a password under {rules}: {r.status}")
        if not ok:
            expect(r.headers.get("Openstack-Auth-Receipt") and "receipt" in r.json, f"no receipt under {rules}")
            receipt = r.headers["Openstack-Auth-Receipt"]
            again = call("POST", lab.auth_url() + "/auth/tokens", password_body(name, lab.users[name][0]), {"Openstack-Auth-Receipt": receipt})
            expect_status(again, 401, what="the same proof twice")
            expect_status(lab.validate(receipt), 404, what="a receipt as a token")
    _, uid = lab.fresh_user()
    for rules in ([["password", "password"]], [[]], [["nonsense"]], "password", [["password"], ["password"]], [[1]], {}):
        r = lab.request("admin", "PATCH", "identity", f"/users/{uid}", {"user": {"options": {"multi_factor_auth_rules": rules}}})
        expect_status(r, 400, what=f"rules {rules}")


# --- Whom a role was given --------------------------------------------------


@case("OSSA-2014-015")
def a_user_with_the_id_of_a_group(lab):
    """Somebody who can choose ids in the directory gets nothing of a group's."""
    role = lab.ok("admin", "GET", "identity", "/roles?name=admin")["roles"][0]["id"]
    group = lab.ok("admin", "POST", "identity", "/groups", {"group": {"name": unique(), "domain_id": "default"}})["group"]["id"]
    project = lab.project("bob")
    lab.ok("admin", "PUT", "identity", f"/projects/{project}/groups/{group}/roles/{role}")
    name, uid = lab.fresh_user()
    db = sqlite3.connect(next(pathlib.Path(lab.state).rglob("identity*.db")), timeout=20)
    with db:
        db.execute("PRAGMA foreign_keys = OFF")
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [r[1] for r in db.execute(f'PRAGMA table_info("{table}")')]
            if "user_id" in columns:
                db.execute(f'UPDATE "{table}" SET user_id = ? WHERE user_id = ?', (group, uid))
        changed = sum(db.execute(f'UPDATE "{t}" SET id = ? WHERE id = ?', (group, uid)).rowcount for t in tables
                      if "id" in [r[1] for r in db.execute(f'PRAGMA table_info("{t}")')])
    db.close()
    expect(changed == 1, "the user could not be given the id")
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": group, "password": lab.users[name][0]}}}}}
    expect_status(log_in(lab, body=body), 201)
    body["auth"]["scope"] = scope_of(project)
    expect_status(log_in(lab, body=body), 401, what="a user with the id of a group, in the group's project")
