# SPDX-License-Identifier: Apache-2.0
"""Pairs of EC2 (/v3/users/ID/credentials/OS-EC2) and tokens for what is signed with them."""
import base64
import copy
import datetime
import hashlib
import hmac

from keystoneclient.contrib.ec2 import utils

STRANGERS = (None, "reader", "nobody@unscoped")
PAIRS = "/users/$member_user/credentials/OS-EC2"


def steps(play):
    create(play)
    show(play)
    ec2_tokens(play)
    s3_tokens(play)
    disabled(play)
    delete(play)


def create(play):
    play("POST " + PAIRS, {"tenant_id": "$home"}, save={"access": "access", "secret": "secret"})
    play("POST " + PAIRS, {"tenant_id": "$home"}, who="member", save={"access_own": "access", "secret_own": "secret"})
    play("POST " + PAIRS, {"tenant_id": "$office"}, save={"access_far": "access", "secret_far": "secret"})
    play("POST " + PAIRS, {"tenant_id": "$home", "shoe": 39}, save={"access_more": "access"})
    for body in ({}, {"tenant_id": None}, {"tenant_id": "none"}, {"tenant_id": 1}, {"tenant_id": ""}, {"tenant_id": ["x"]},
                 {"project_id": "$home"}, [], b"", b"{"):
        play("POST " + PAIRS, body)
    play("POST /users/none/credentials/OS-EC2", {"tenant_id": "$home"})
    play("POST /users/none/credentials/OS-EC2", {"tenant_id": "none"})
    for who in (*STRANGERS, "admin@unscoped"):
        play("POST " + PAIRS, {"tenant_id": "$home"}, who=who)
        play("POST /users/none/credentials/OS-EC2", {"tenant_id": "none"}, who=who)


def show(play):
    play("GET " + PAIRS)
    play("HEAD " + PAIRS)
    play("GET " + PAIRS, who="member")
    play("GET " + PAIRS + "?none=1")
    play("GET /users/none/credentials/OS-EC2")
    play("GET /users/$reader_user/credentials/OS-EC2")
    for path in (PAIRS + "/$access", PAIRS + "/none", "/users/none/credentials/OS-EC2/$access", "/users/none/credentials/OS-EC2/none",
                 "/users/$reader_user/credentials/OS-EC2/$access"):
        for who in (*STRANGERS, "member", "admin", "admin@system"):
            play("GET " + path, who=who)
    play("HEAD " + PAIRS + "/$access")
    play("HEAD " + PAIRS + "/none")
    for who in STRANGERS:
        play("GET " + PAIRS, who=who)
    play("PATCH " + PAIRS + "/$access", {})
    # The pairs are credentials.
    play("GET /credentials?type=ec2", who="member")


def now(minutes=0):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)


def signed(name, change=None, minutes=0, params=None, pair="", key="credentials", **members):
    """A body that is signed with the pair, then changed."""
    def body(values):
        request = {"access": values["access" + pair], "host": "host:8773", "verb": "GET", "path": "/services/Cloud",
                   "params": {"SignatureVersion": "2", "Action": "DescribeInstances",
                              "Timestamp": now(minutes).strftime("%Y-%m-%dT%H:%M:%SZ"), **(params or {})}} | members
        request["params"] = {k: v for k, v in request["params"].items() if v is not None}
        request["signature"] = utils.Ec2Signer(values["secret" + pair]).generate(copy.deepcopy(request))
        if change:
            change(request)
        return {key: request}

    body.__name__ = name
    return body


def ec2_tokens(play):
    def ask(body, who="admin", **kw):
        play("POST /ec2tokens", body, who=who, **kw)

    for version in ("0", "1", "2"):
        ask(signed("version " + version, params={"SignatureVersion": version}))
    ask(signed("well signed"), save="ec2_token")
    play("GET /auth/tokens", who="admin", headers={"X-Subject-Token": "$ec2_token"})
    for path in (PAIRS, "/credentials", "/OS-TRUST/trusts?trustor_user_id=$member_user", "/users/$member_user/application_credentials",
                 "/users/$member_user/access_rules", "/users/$member_user", "/auth/projects"):
        play("GET " + path, who="$ec2_token")
    play("POST " + PAIRS, {"tenant_id": "$home"}, who="$ec2_token")
    play("POST /credentials", {"credential": {"user_id": "$member_user", "type": "x", "blob": "x"}}, who="$ec2_token")
    play("POST /users/$member_user/application_credentials", {"application_credential": {"name": "x"}}, who="$ec2_token")
    play("POST /OS-TRUST/trusts", {"trust": {"trustor_user_id": "$member_user", "trustee_user_id": "$reader_user", "impersonation": False,
                                             "project_id": "$home", "roles": [{"name": "member"}]}}, who="$ec2_token")
    ask(signed("member credential", key="credential"))
    ask(signed("member ec2Credentials", key="ec2Credentials"))
    ask(signed("of a project without roles", pair="_far"))
    ask(signed("host without port", host="host"))
    ask(signed("port not signed", lambda r: r.update(host=r["host"] + ":80"), host="host"))
    ask(signed("no time", params={"Timestamp": None}))
    ask(signed("old", minutes=-20))
    ask(signed("of the future", minutes=20))
    ask(signed("time of words", params={"Timestamp": "yesterday"}))
    ask(signed("empty time", params={"Timestamp": ""}))
    ask(signed("other path", lambda r: r.update(path="/")))
    ask(signed("no signature", lambda r: r.pop("signature")))
    ask(signed("empty signature", lambda r: r.update(signature="")))
    ask(signed("null signature", lambda r: r.update(signature=None)))
    ask(signed("bad signature", lambda r: r.update(signature="x")))
    ask(signed("other access", lambda r: r.update(access="none")))
    ask(signed("number as access", lambda r: r.update(access=1)))
    ask(signed("null as access", lambda r: r.update(access=None)))
    ask(signed("empty access", lambda r: r.update(access="")))
    ask(signed("no access", lambda r: r.pop("access")))
    ask(signed("no host", lambda r: r.pop("host")))
    ask(signed("no params", lambda r: r.pop("params")))
    ask(signed("no verb", lambda r: r.pop("verb")))
    for body in ({}, {"credentials": None}, {"credentials": {}}, {"none": {}}, [], b"", b"{"):
        ask(body)
    for who in (None, "member", "reader", "nobody@unscoped", "admin@system"):
        ask(signed("well signed"), who=who)
        ask(signed("bad signature", lambda r: r.update(signature="x")), who=who)
        ask({}, who=who)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        play(f"{method} /ec2tokens")
        play(f"{method} /ec2tokens", who=None)


def version_4(values, text):
    key = ("AWS4" + values["secret"]).encode()
    for part in text.split(b"\n")[2].split(b"/"):
        key = hmac.new(key, part, hashlib.sha256).digest()
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def version_1(values, text):
    return base64.b64encode(hmac.new(values["secret"].encode(), text, hashlib.sha1).digest()).decode()


def s3_signed(name, text, signature, change=None):
    def body(values):
        request = {"access": values["access"], "token": base64.urlsafe_b64encode(text).decode(), "signature": signature(values, text)}
        if change:
            change(request)
        return {"credentials": request}

    body.__name__ = name
    return body


def s3_tokens(play):
    def ask(body, who="admin"):
        play("POST /s3tokens", body, who=who)

    old = b"GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/bucket/photo.jpg"
    new = b"AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/%s/aws4_request\n" + b"0" * 64
    ask(s3_signed("version 1", old, version_1))
    for service in (b"s3", b"iam", b"sts", b"ec2"):
        ask(s3_signed("version 4 " + service.decode(), new % service, version_4))
    ask(s3_signed("other scope", b"AWS4-HMAC-SHA256\nx\n20150830/us-east-1/s3/other\n0", version_4))
    ask(s3_signed("short scope", b"AWS4-HMAC-SHA256\nx\n20150830/s3\n0", version_4))
    ask(s3_signed("other algorithm", b"AWS4-X\nx\n20150830/us-east-1/s3/aws4_request\n0", version_4))
    ask(s3_signed("bad signature", old, version_1, lambda r: r.update(signature="x")))
    ask(s3_signed("no signature", old, version_1, lambda r: r.pop("signature")))
    ask(s3_signed("no token", old, version_1, lambda r: r.pop("token")))
    ask(s3_signed("bad token", old, version_1, lambda r: r.update(token="x")))
    ask(s3_signed("other access", old, version_1, lambda r: r.update(access="none")))
    ask(s3_signed("no access", old, version_1, lambda r: r.pop("access")))
    for body in ({}, {"credentials": None}, {"credentials": {}}, {"none": {}}, [], b"", b"{"):
        ask(body)
    for who in (None, "member", "reader", "nobody@unscoped", "admin@system"):
        ask(s3_signed("well signed", old, version_1), who=who)
        ask(s3_signed("bad signature", old, version_1, lambda r: r.update(signature="x")), who=who)
        ask({}, who=who)
    play("GET /s3tokens")
    play("HEAD /s3tokens", who=None)


def disabled(play):
    """A pair of a user or project that may not."""
    play("POST /projects", {"project": {"name": "ec2-project", "domain_id": "default"}}, save="ec2_project")
    play("POST /users", {"user": {"name": "ec2", "password": "pass-ec2", "domain_id": "default"}}, save="ec2_user")
    play("PUT /projects/$ec2_project/users/$ec2_user/roles/$reader")
    play("POST /users/$ec2_user/credentials/OS-EC2", {"tenant_id": "$ec2_project"}, save={"access_off": "access", "secret_off": "secret"})
    play("POST /ec2tokens", signed("enabled", pair="_off"))
    play("PATCH /projects/$ec2_project", {"project": {"enabled": False}})
    play("POST /ec2tokens", signed("project disabled", pair="_off"))
    play("PATCH /projects/$ec2_project", {"project": {"enabled": True}})
    play("PATCH /users/$ec2_user", {"user": {"enabled": False}})
    play("POST /ec2tokens", signed("user disabled", pair="_off"))
    play("PATCH /users/$ec2_user", {"user": {"enabled": True}})
    play("DELETE /projects/$ec2_project")
    play("GET /users/$ec2_user/credentials/OS-EC2")
    play("POST /ec2tokens", signed("project deleted", pair="_off"))
    play("DELETE /users/$ec2_user")
    play("POST /ec2tokens", signed("user deleted", pair="_off"))


def delete(play):
    for who in (*STRANGERS, "admin@unscoped"):
        play("DELETE " + PAIRS + "/$access", who=who)
        play("DELETE " + PAIRS + "/none", who=who)
    play("DELETE /users/none/credentials/OS-EC2/$access")
    play("DELETE /users/$reader_user/credentials/OS-EC2/$access_more")
    play("DELETE " + PAIRS + "/$access_own", who="member")
    for name in ("access", "access_far", "access_more"):
        play("DELETE " + PAIRS + "/$" + name)
    play("DELETE " + PAIRS + "/$access")
    play("GET " + PAIRS + "/$access")
    play("POST /ec2tokens", signed("pair deleted"))
    play("GET " + PAIRS)
