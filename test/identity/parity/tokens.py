# SPDX-License-Identifier: Apache-2.0
"""/v3/auth: logging in by each method and to each scope, receipts, validation, revocation, what a token may do next."""
import base64
import hashlib
import hmac
import struct
import time

TOKENS = "/auth/tokens"
DEFAULT = {"id": "default"}
TOM = {"name": "tom", "domain": DEFAULT}
SECRET = base64.b32encode(b"12345678901234567890").decode()


def steps(play):
    people(play)
    passwords(play)
    scopes(play)
    refused(play)
    bodies(play)
    other_methods(play)
    factors(play)
    rescoping(play)
    validate(play)
    revoke(play)
    reach(play)
    lost(play)
    configured(play)


def people(play):
    """tom: member of the project home of all, reader of the domain tokens-far, of its project far-project by a group."""
    play("POST /domains", {"domain": {"name": "tokens-far"}}, save="far")
    play("POST /projects", {"project": {"name": "far-project", "domain_id": "$far"}}, save="far_project")
    play("POST /projects", {"project": {"name": "closed", "domain_id": "$far"}}, save="closed")
    user(play, "tom")
    user(play, "tim", default_project_id="$home")
    user(play, "una", default_project_id="$office")
    user(play, "fay", domain_id="$far")
    user(play, "off", enabled=False)
    play("POST /groups", {"group": {"name": "tokens-group", "domain_id": "$far"}}, save="group")
    play("PUT /groups/$group/users/$tom")
    play("PUT /projects/$far_project/groups/$group/roles/$member")
    for where in ("projects/$home", "projects/$closed", "domains/$far"):
        play(f"PUT /{where}/users/$tom/roles/$reader")
    play("PUT /projects/$home/users/$tim/roles/$reader")
    play("PUT /projects/$far_project/users/$fay/roles/$member")
    play("PATCH /projects/$closed", {"project": {"enabled": False}})


def user(play, name, **members):
    play("POST /users", {"user": {"name": name, "password": "pass-" + name, "domain_id": "default"} | members}, save=name)


def by_password(secret="pass-tom", methods=("password",), **who):
    """A password of somebody, tom unless it is said; ... leaves the member out."""
    members = (who or TOM) | {"password": secret}
    return {"methods": list(methods), "password": {"user": {k: v for k, v in members.items() if v is not ...}}}


def by_token(token):
    return {"methods": ["token"], "token": {"id": token}}


def bent(play, name):
    """The variable NAME_bent: a token with other letters at its end."""
    for side in play.sides:
        side.values[name + "_bent"] = side.values[name][:-8] + "AAAAAAA="


def login(play, identity=None, scope=..., query="", **kw):
    auth = {"identity": identity or by_password()}
    play("POST " + TOKENS + query, {"auth": auth if scope is ... else auth | {"scope": scope}}, who=None, **kw)


def subject(play, token, method="GET", query="", who="admin", **headers):
    play(f"{method} {TOKENS}{query}", who=who, headers={"X-Subject-Token": token} | headers)


def passwords(play):
    login(play)
    login(play, by_password(id="$tom"))
    login(play, by_password(name="tom", domain={"name": "Default"}))
    login(play, by_password(name="TOM", domain={"name": "default"}))
    login(play, by_password("pass-fay", name="fay", domain={"name": "tokens-far"}))
    # Names come before ids.
    login(play, by_password(id="$tom", name="tim", domain=DEFAULT))
    login(play, by_password(id="none", name="tom", domain=DEFAULT))
    login(play, by_password(name="tom", domain={"id": "none", "name": "Default"}))
    login(play, by_password(id="$tom", domain={"id": "none"}))
    login(play, query="?nocatalog")
    login(play, headers={"X-Auth-Token": "none", "Accept": "text/plain"})
    play("POST " + TOKENS, {"auth": {"identity": by_password(more=1, **TOM), "more": 1}, "more": 1}, who="nobody@unscoped")


def scopes(play):
    for scope in ({"project": {"id": "$home"}}, {"project": {"name": "HOME", "domain": DEFAULT}},
                  {"project": {"name": "far-project", "domain": {"name": "tokens-far"}}}, {"project": {"id": "none", "name": "home", "domain": DEFAULT}},
                  {"project": {"id": "$far"}}, {"domain": {"id": "$far"}}, {"domain": {"name": "tokens-far"}}, "unscoped", {"unscoped": {}},
                  # Where there is nothing for tom.
                  {"system": {"all": True}}, {"project": {"id": "$office"}}, {"project": {"id": "none"}}, {"project": {"name": "none", "domain": DEFAULT}},
                  {"project": {"name": "home", "domain": {"id": "none"}}}, {"project": {"name": "home", "domain": {"id": "$far"}}},
                  {"project": {"id": "$closed"}}, {"domain": DEFAULT}, {"domain": {"name": "none"}}, {"domain": {"id": "$home"}},
                  {"OS-TRUST:trust": {"id": "none"}}):
        login(play, scope=scope)
    login(play, scope={"project": {"id": "$home"}}, query="?nocatalog")
    login(play, scope={"domain": {"id": "$far"}}, query="?nocatalog=0")
    # The default project, where that works.
    for who in ("tim", "una"):
        login(play, by_password("pass-" + who, name=who, domain=DEFAULT))
        login(play, by_password("pass-" + who, name=who, domain=DEFAULT), scope="unscoped")
    login(play, by_password("pass-tim", name="tim", domain=DEFAULT), scope={"unscoped": {}}, save="tim_unscoped")
    login(play, by_token("$tim_unscoped"))


def refused(play):
    """One and the same answer, so that nobody learns who is there."""
    login(play, by_password("wrong"))
    login(play, by_password("wrong", id="$tom"))
    login(play, by_password(...))
    login(play, by_password("x" * 5000))
    login(play, by_password(name="none", domain=DEFAULT))
    login(play, by_password(id="none"))
    login(play, by_password(name="tom", domain={"name": "none"}))
    login(play, by_password(name="tom", domain={"id": "$far"}))
    login(play, by_password(name="x" * 300, domain=DEFAULT))
    for secret in ("pass-off", "wrong"):
        login(play, by_password(secret, name="off", domain=DEFAULT))
    login(play, by_password("wrong"), scope={"project": {"id": "$home"}})
    login(play, by_password("wrong"), scope={"project": {"id": "none"}})
    user(play, "silent", password=None)
    login(play, by_password("", name="silent", domain=DEFAULT))
    fay = by_password("pass-fay", name="fay", domain={"id": "$far"})
    play("PATCH /domains/$far", {"domain": {"enabled": False}})
    login(play, fay)
    login(play, fay, scope={"project": {"id": "$far_project"}})
    login(play, scope={"project": {"id": "$far_project"}})
    login(play, scope={"domain": {"id": "$far"}})
    play("GET /auth/domains", who="tom@unscoped")
    play("GET /auth/projects", who="tom@unscoped")
    play("PATCH /domains/$far", {"domain": {"enabled": True}})


def bodies(play):
    for body in (None, b"", b"{", b"null", [], {}, {"auth": None}, {"auth": {}}, {"auth": []}, {"auth": "x"}, {"auth": {"scope": "unscoped"}},
                 {"auth": {"identity": None}}, {"auth": {"identity": "x"}}, {"auth": {"identity": {}}}, {"identity": by_password()}):
        play("POST " + TOKENS, body, who=None)
    play("POST " + TOKENS, b'{"auth": {}}', who=None, headers={"Content-Type": "text/plain"})
    for methods in (None, "password", [], [None], [1], ["none"], ["password", "none"], ["password", "password"], ["token"],
                    ["password", "token"], ["external"]):
        login(play, by_password() | {"methods": methods})
    for method, all_given in {"none": [{}], "external": [{}], "oauth1": [{}],
                              "password": [None, {}, [], {"user": None}, {"user": {}}, {"user": "x"}],
                              "token": [None, {}, "x", {"id": None}, {"id": 1}, {"id": ""}],
                              "totp": [None, {}, {"user": None}, {"user": {}}],
                              "application_credential": [None, {}, {"id": 1}, {"id": ""}, {"user": {}}]}.items():
        for given in all_given:
            login(play, {"methods": [method], method: given})
        login(play, {"methods": [method]})
    for who in ({"id": None}, {"id": 1}, {"id": ""}, {"name": "tom"}, {"name": "", "domain": DEFAULT}, {"name": ["tom"], "domain": DEFAULT},
                {"name": "tom", "domain": None}, {"name": "tom", "domain": {}}, {"name": "tom", "domain": "default"},
                {"name": "tom", "domain": {"id": ""}}, {"name": "tom", "domain": {"id": 1}}, {"name": "tom", "domain": {"name": ""}},
                {"id": "$tom", "domain": {}}, {"domain": DEFAULT}):
        login(play, by_password(**who))
    for secret in (None, 1, ["x"]):
        login(play, by_password(secret))
    for scope in (None, "", "x", 1, {}, {"none": {}}, {"project": {"id": "$home"}, "domain": {"id": "$far"}},
                  {"project": {"id": "$home"}, "system": {"all": True}}, {"project": {"id": "$home"}, "none": {}},
                  {"project": None}, {"project": {}}, {"project": "home"}, {"project": {"id": 1}}, {"project": {"id": ""}},
                  {"project": {"name": "home"}}, {"project": {"name": "", "domain": DEFAULT}}, {"project": {"name": "home", "domain": {}}},
                  {"project": {"name": "home", "domain": {"id": ""}}}, {"project": {"name": "tokens-far", "domain": {"id": ""}}},
                  {"project": {"id": "x" * 300}}, {"project": {"id": "$home", "domain": {}}}, {"domain": {}}, {"domain": "x"}, {"domain": {"id": 1}},
                  {"domain": {"name": ""}}, {"system": None}, {"system": {}}, {"system": {"all": False}}, {"system": {"all": "true"}},
                  {"OS-TRUST:trust": None}, {"OS-TRUST:trust": {}}, {"OS-TRUST:trust": {"id": 1}}):
        login(play, scope=scope)


def passcode(values, minutes=0):
    """What an application on a telephone would show; as RFC 6238."""
    text = hmac.new(base64.b32decode(SECRET), struct.pack(">Q", int(time.time() + 60 * minutes) // 30), hashlib.sha1).digest()
    at = text[-1] & 15
    return "%06d" % ((struct.unpack(">I", text[at:at + 4])[0] & 0x7fffffff) % 1000000)


def old_passcode(values):
    return passcode(values, -10)


def by_totp(code=passcode, **who):
    return {"methods": ["totp"], "totp": {"user": (who or TOM) | {"passcode": code}}}


def by_both(secret="pass-tom", code=passcode):
    return by_password(secret) | by_totp(code) | {"methods": ["password", "totp"]}


def other_methods(play):
    login(play, by_totp())
    play("POST /credentials", {"credential": {"type": "totp", "blob": SECRET, "user_id": "$tom"}}, save="totp")
    login(play, by_totp())
    login(play, by_totp(id="$tom"), scope={"project": {"id": "$home"}})
    for code in ("000", None, 1, old_passcode, "x" * 300):
        login(play, by_totp(code))
    login(play, {"methods": ["totp"], "totp": {"user": TOM}})
    login(play, by_totp(name="none", domain=DEFAULT))
    login(play, by_totp(name="tom"))
    login(play, by_totp(name="tim", domain=DEFAULT))
    login(play, by_totp(name="off", domain=DEFAULT))
    login(play, by_both())
    login(play, by_both(secret="wrong"))
    login(play, by_both(code="000"))
    # Two that are somebody else each.
    login(play, by_password("pass-tim", name="tim", domain=DEFAULT) | by_totp() | {"methods": ["password", "totp"]})
    login(play, save="tom_token")
    login(play, by_password() | by_token("$tom_token") | {"methods": ["password", "token"]})
    login(play, by_password("pass-tim", name="tim", domain=DEFAULT) | by_token("$tom_token") | {"methods": ["password", "token"]})
    bent(play, "tom_token")
    for token in ("none", "$tom_token_bent"):
        login(play, by_token(token))
    mine = "/users/$tom/application_credentials"
    play("POST " + mine, {"application_credential": {"name": "robot", "secret": "s", "unrestricted": False}}, who="tom", save="robot")
    robot = {"methods": ["application_credential"], "application_credential": {"id": "$robot", "secret": "s"}}
    login(play, robot, save="robot_token")
    login(play, robot, query="?nocatalog")
    login(play, robot | by_password() | {"methods": ["application_credential", "password"]})
    login(play, robot | by_password("pass-tim", name="tim", domain=DEFAULT) | {"methods": ["application_credential", "password"]})
    for given in ({"id": "$robot", "secret": None}, {"id": "$robot", "secret": 1}, {"id": "$robot", "secret": ""},
                  {"name": "robot", "secret": "s", "user": TOM}, {"name": "robot", "secret": "s", "user": {"id": "$tim"}},
                  {"name": "robot", "secret": "s", "user": {"name": "none", "domain": DEFAULT}},
                  {"name": "robot", "secret": "s", "user": {"name": "tom", "domain": {"id": "none"}}},
                  {"id": "$robot", "secret": "s", "user": {"id": "$tim"}}, {"name": "", "secret": "s"}):
        login(play, robot | {"application_credential": given})
    play(f"DELETE {mine}/$robot", who="tom")
    subject(play, "$robot_token")


def factors(play):
    """More than one is asked for: a receipt says what was shown."""
    receipt = {"receipt": "Openstack-Auth-Receipt"}
    rules = {"multi_factor_auth_rules": [["password", "totp"]], "multi_factor_auth_enabled": True}
    play("PATCH /users/$tom", {"user": {"options": rules}})
    login(play, save=receipt)
    with_receipt = {"Openstack-Auth-Receipt": "$receipt"}
    login(play, headers=with_receipt)
    login(play, by_totp(), headers=with_receipt)
    login(play, by_totp(), scope={"project": {"id": "$home"}}, headers=with_receipt)
    login(play, by_totp("000"), headers=with_receipt)
    login(play, by_password("pass-tim", name="tim", domain=DEFAULT), headers=with_receipt)
    bent(play, "receipt")
    for bad in ("none", "", "x" * 300, "$receipt_bent", "$tom_token"):
        login(play, by_totp(), headers={"Openstack-Auth-Receipt": bad})
    login(play, headers={"Openstack-Auth-Receipt": "none"})
    login(play, by_totp())
    login(play, by_totp("000"))
    login(play, by_password("wrong"))
    login(play, by_password(note="half of it", **TOM), scope={"project": {"id": "none"}})
    login(play, scope={"project": {"id": "$office"}})
    login(play, by_both(), scope={"project": {"id": "$home"}}, save="tom_both")
    subject(play, "$tom_both")
    # It proves nothing else.
    login(play, by_token("$receipt"))
    subject(play, "$receipt")
    play("GET /auth/projects", who="$receipt")
    # A token made before the rules; one made by both.
    login(play, by_token("$tom_token"))
    login(play, by_token("$tom_both"))
    play("PATCH /users/$tom", {"user": {"options": {"multi_factor_auth_rules": [["password", "totp"], ["password"]]}}})
    login(play)
    play("PATCH /users/$tom", {"user": {"options": rules | {"multi_factor_auth_enabled": False}}})
    login(play)
    play("PATCH /users/$tom", {"user": {"options": {"multi_factor_auth_rules": [["external", "password"]], "multi_factor_auth_enabled": True}}})
    login(play, by_password(note="external is not served", **TOM))
    play("PATCH /users/$tom", {"user": {"options": {"multi_factor_auth_rules": None, "multi_factor_auth_enabled": None}}})
    login(play, headers=with_receipt)
    play("DELETE /credentials/$totp")


def kept(name):
    """What of an issued token is saved under this name."""
    return {name: "X-Subject-Token", name + "_ends": "expires_at", name + "_audit": "audit_ids"}


def rescoping(play):
    """A token for a token: the same end, the same chain."""
    login(play, scope="unscoped", save=kept("first"))
    login(play, by_token("$first"), scope={"project": {"id": "$home"}}, save=kept("second"))
    login(play, by_token("$second"), scope={"domain": {"id": "$far"}}, save=kept("third"))
    login(play, by_token("$third"), scope="unscoped", save=kept("fourth"))
    login(play, by_token("$second"), save=kept("fifth"))
    for name in ("second", "third", "fourth", "fifth"):
        play.holds(f"{name} ends with the first", lambda v, n=name: v[n + "_ends"] == v["first_ends"])
        play.holds(f"{name} is one more of the first's chain",
                   lambda v, n=name: v[n + "_audit"][1:] == v["first_audit"] != v[n + "_audit"][:1])
    login(play, by_token("$second"), scope={"project": {"id": "$office"}})
    login(play, by_token("$second"), query="?nocatalog", scope={"project": {"id": "$far_project"}})
    login(play, by_password("$admin_password", name="admin", domain=DEFAULT), scope={"system": {"all": True}}, save="of_system")
    for scope in (..., "unscoped", {"project": {"id": "$office"}}, {"domain": DEFAULT}, {"system": {"all": True}}):
        login(play, by_token("$of_system"), scope=scope)
    play("POST /OS-TRUST/trusts", {"trust": {"trustor_user_id": "$tom", "trustee_user_id": "$tim", "impersonation": True,
                                             "project_id": "$home", "roles": [{"id": "$reader"}]}}, who="tom", save="trust")
    tim = by_password("pass-tim", name="tim", domain=DEFAULT)
    login(play, tim, scope="unscoped", save=kept("tims"))
    login(play, by_token("$tims"), scope={"OS-TRUST:trust": {"id": "$trust"}}, save=kept("trusted"))
    play.holds("a token of a trust ends with the first", lambda v: v["trusted_ends"] == v["tims_ends"])
    login(play, by_token("$trusted"), scope={"project": {"id": "$home"}})
    login(play, by_token("$trusted"), scope="unscoped")
    login(play, tim, scope={"OS-TRUST:trust": {"id": "$trust"}}, query="?nocatalog")
    login(play, scope={"OS-TRUST:trust": {"id": "$trust"}})
    login(play, tim, scope={"OS-TRUST:trust": {"id": "$trust"}, "project": {"id": "$home"}})
    play("DELETE /OS-TRUST/trusts/$trust", who="tom")


def validate(play):
    for name in ("first", "second", "third", "of_system"):
        subject(play, "$" + name)
    subject(play, "$second", "HEAD")
    subject(play, "$second", query="?nocatalog")
    for who in ("tom", "$second", "nobody@unscoped", "reader", "admin@unscoped", "admin@system", None):
        subject(play, "$second", who=who)
    subject(play, "none", who="tom")
    subject(play, "none", who=None)
    subject(play, "$second", "HEAD", who="reader")
    bent(play, "first")
    for token in ("", "none", "x" * 300, "$first_bent", "x$first"):
        subject(play, token)
        play("GET " + TOKENS, who=None, headers={"X-Auth-Token": token, "X-Subject-Token": "$first"})
    subject(play, "none", "HEAD")
    play("GET " + TOKENS, who=None, headers={"X-Auth-Token": "none", "X-Subject-Token": "none"})
    for who in ("admin", "tom", None):
        play("GET " + TOKENS, who=who)
        play("HEAD " + TOKENS, who=who)
    for query in ("?allow_expired=1", "?allow_expired", "?allow_expired=x", "?nocatalog=0"):
        subject(play, "$second", query=query)
    subject(play, "$second", Accept="text/plain")
    subject(play, "$second", **{"OpenStack-Identity-Access-Rules": "1.0"})
    play("PUT " + TOKENS, {}, headers={"X-Subject-Token": "$second"})
    play("PATCH " + TOKENS, {}, who=None)


def revoke(play):
    login(play, save="one")
    login(play, by_token("$one"), scope={"project": {"id": "$home"}}, save="two")
    for who in ("nobody@unscoped", "reader", None, "admin@unscoped"):
        subject(play, "$one", "DELETE", who=who)
    for who in ("admin", "tom", None):
        play("DELETE " + TOKENS, who=who)
    subject(play, "none", "DELETE")
    subject(play, "$one", "DELETE", who="$one")
    subject(play, "$one", "DELETE", who="$one")
    subject(play, "$one", "DELETE")
    subject(play, "$one")
    subject(play, "$one", "HEAD")
    subject(play, "$one", who="$one")
    subject(play, "$one", query="?allow_expired=1")
    login(play, by_token("$one"))
    play("GET /auth/projects", who="$one")
    # What was made of it lives on.
    subject(play, "$two")
    subject(play, "$two", "DELETE", who="tom")
    play("GET /auth/projects", who="$two")
    login(play, save="three")
    subject(play, "$three", "DELETE")
    subject(play, "$three")


def reach(play):
    """What the token may do next."""
    for path in ("catalog", "projects", "domains", "system"):
        for who in ("tom", "tom@unscoped", "tom@domain:$far", "admin@system", "nobody@unscoped", None):
            play(f"GET /auth/{path}", who=who)
        play(f"HEAD /auth/{path}", who="tom")
    play("GET /auth/projects?name=home", who="tom")
    play("GET /auth/domains?name=home", who="tom")
    play("HEAD /auth/projects", who=None)
    play("GET /auth/catalog", who=None, headers={"X-Auth-Token": "none"})
    play("POST /auth/projects", {}, who="tom")
    play("GET /auth/none", who="tom")


def lost(play):
    """Tokens of whom something was taken from."""
    def look(*names):
        for name in names:
            subject(play, "$" + name)
            play("GET /auth/system", who="$" + name)

    def renew():
        play.renew("ida")
        play.renew("ida@unscoped")

    user(play, "ida")
    ida = by_password("pass-ida", name="ida", domain=DEFAULT)
    play("PUT /groups/$group/users/$ida")
    play("PUT /projects/$home/users/$ida/roles/$reader")
    play("PUT /domains/$far/users/$ida/roles/$reader")
    play("PUT /system/users/$ida/roles/$reader")
    login(play, ida, scope={"project": {"id": "$home"}}, save="of_home")
    login(play, ida, scope={"project": {"id": "$far_project"}}, save="of_group")
    login(play, ida, scope={"domain": {"id": "$far"}}, save="of_domain")
    login(play, ida, scope={"system": {"all": True}}, save="of_all")
    login(play, ida, save="of_nothing")
    play("DELETE /groups/$group/users/$ida")
    look("of_group", "of_nothing")
    login(play, by_token("$of_group"), scope="unscoped")
    play("DELETE /projects/$home/users/$ida/roles/$reader")
    look("of_home")
    play("DELETE /domains/$far/users/$ida/roles/$reader")
    look("of_domain")
    play("DELETE /system/users/$ida/roles/$reader")
    look("of_all")
    play("PUT /groups/$group/users/$ida")
    play("PUT /projects/$home/users/$ida/roles/$reader")
    play("PUT /projects/$closed/users/$ida/roles/$reader")
    play("PATCH /projects/$closed", {"project": {"enabled": True}})
    renew()
    login(play, ida, scope={"project": {"id": "$closed"}}, save="of_closed")
    login(play, ida, scope={"project": {"id": "$far_project"}}, save="of_far")
    login(play, ida, scope="unscoped", save="of_nothing")
    play("PATCH /projects/$closed", {"project": {"enabled": False}})
    look("of_closed")
    play("PATCH /domains/$far", {"domain": {"enabled": False}})
    look("of_far", "of_nothing")
    play("PATCH /domains/$far", {"domain": {"enabled": True}})
    play("PATCH /users/$ida", {"user": {"enabled": False}})
    look("of_nothing")
    login(play, ida)
    play("PATCH /users/$ida", {"user": {"enabled": True}})
    renew()
    login(play, ida, scope="unscoped", save="before")
    play("POST /users/$ida/password", {"user": {"original_password": "pass-ida", "password": "pass-ida2"}}, who=None)
    look("before")
    login(play, by_token("$before"))
    login(play, ida)
    play("PATCH /users/$ida", {"user": {"password": "pass-ida"}})
    renew()
    login(play, ida, scope="unscoped", save="at_last")
    play("DELETE /users/$ida")
    look("at_last")
    login(play, ida)


def configured(play):
    """Locks, passwords that must be changed, tokens and receipts that end at once."""
    play("POST /users", {"user": {"name": "max", "password": "pass-max", "domain_id": "default"}}, save="max")
    max_ = by_password("pass-max", name="max", domain=DEFAULT)
    play("POST /users", {"user": {"name": "two", "password": "pass-two", "domain_id": "default", "options": {
        "multi_factor_auth_rules": [["password", "totp"]]}}}, save="two_user")
    two = by_password("pass-two", name="two", domain=DEFAULT)
    play("POST /credentials", {"credential": {"type": "totp", "blob": SECRET, "user_id": "$two_user"}})
    play.configure({"security_compliance.lockout_failure_attempts": "2", "security_compliance.lockout_duration": "600",
                    "security_compliance.change_password_upon_first_use": "true", "token.expiration": "1", "receipt.expiration": "1"},
                   {"identity.lockout_attempts": "2", "identity.lockout_duration_s": "600",
                    "identity.change_password_at_first_use": "true", "identity.token_expiration_s": "1", "identity.receipt_expiration_s": "1"})
    login(play, two, save={"brief_receipt": "Openstack-Auth-Receipt"})
    login(play, max_, scope="unscoped", save="brief")
    user(play, "new")
    time.sleep(2)
    subject(play, "$brief")
    subject(play, "$brief", "HEAD")
    subject(play, "$brief", "DELETE")
    for query in ("?allow_expired=1&nocatalog", "?allow_expired=true", "?allow_expired=0", "?allow_expired"):
        subject(play, "$brief", query=query)
    subject(play, "$brief", "HEAD", query="?allow_expired=1")
    subject(play, "$brief", query="?allow_expired=1", who="$brief")
    subject(play, "$brief", "DELETE", query="?allow_expired=1")
    play("GET /auth/projects?allow_expired=1", who="$brief")
    login(play, by_token("$brief"))
    login(play, by_totp(name="two", domain=DEFAULT), headers={"Openstack-Auth-Receipt": "$brief_receipt"})
    # A password that must be changed.
    new = by_password("pass-new", name="new", domain=DEFAULT)
    login(play, new)
    login(play, by_password("wrong", name="new", domain=DEFAULT))
    play("POST /users/$new/password", {"user": {"original_password": "pass-new", "password": "pass-new2"}}, who=None)
    login(play, by_password("pass-new2", name="new", domain=DEFAULT))
    # Locked after two wrong ones; to who guesses it is a refusal as any other.
    for secret in ("wrong", "pass-max", "wrong", "wrong", "wrong", "pass-max"):
        login(play, by_password(secret, name="max", domain=DEFAULT))
    play("POST /users/$max/password", {"user": {"original_password": "pass-max", "password": "pass-max2"}}, who=None)
    play("GET /users/$max")
    play.configure({"security_compliance.lockout_failure_attempts": "9", "security_compliance.change_password_upon_first_use": "false",
                    "token.expiration": "3600", "receipt.expiration": "300"},
                   {"identity.lockout_attempts": "0", "identity.change_password_at_first_use": "false",
                    "identity.token_expiration_s": "3600", "identity.receipt_expiration_s": "300"})
