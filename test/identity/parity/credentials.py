# SPDX-License-Identifier: Apache-2.0
"""/v3/credentials: secrets of users, and pairs of EC2 among them."""
import json

STRANGERS = (None, "reader", "nobody@unscoped")


def steps(play):
    create(play)
    pairs(play)
    bad_bodies(play)
    show(play)
    update(play)
    lists(play)
    delete(play)


def make(play, who="admin", save=None, **members):
    members = {"user_id": "$member_user", "type": "cert", "blob": "secret"} | members
    play("POST /credentials", {"credential": {k: v for k, v in members.items() if v is not ...}}, who=who, save=save)


def pair(**members):
    return json.dumps(members)


def create(play):
    make(play, save="c_plain")
    make(play, save="c_twin")
    make(play, project_id="$home", shoe=39, nested={"a": [1, None]}, none=None, save="c_full")
    make(play, blob="", type="", save="c_empty")
    make(play, blob=json.dumps({"secret": "x"}), type="totp", save="c_totp")
    make(play, blob="한국", type="TOTP", save="c_upper")
    make(play, id="0123456789abcdef0123456789abcdef", links={}, save="c_id")
    make(play, user_id="none", save="c_nobodys")
    make(play, user_id="", project_id="none", save="c_nowhere")
    make(play, who="member", save="c_own")
    make(play, who="reader", user_id="$reader_user", save="c_readers")
    make(play, who="nobody@unscoped", user_id="$nobody_user", save="c_unscoped")
    make(play, who="admin@system", save="c_system")
    for who in STRANGERS:
        make(play, who=who)
        make(play, who=who, type=1)
    make(play, who="member", user_id="$reader_user")
    make(play, who="member", user_id=...)


def pairs(play):
    make(play, type="ec2", blob=pair(access="key-1", secret="x"), project_id="$home", save="p_plain")
    make(play, type="ec2", blob=pair(access="key-1", secret="y"), project_id="$home")
    make(play, type="ec2", blob=pair(access="key-2", secret="x", trust_id="t", app_cred_id="a"), project_id="$home", save="p_bound")
    play("DELETE /credentials/$p_bound")
    make(play, type="ec2", blob=pair(access="key-3"), project_id="none", save="p_lost")
    make(play, type="EC2", blob=pair(access="key-4", secret="x"), save="p_upper")
    make(play, type="EC2", blob=pair(access="key-4", secret="x"))
    make(play, type="ec2", blob=pair(access="", secret="x"), project_id="$home", save="p_empty")
    make(play, who="member", type="ec2", blob=pair(access="key-5", secret="x"), project_id="$home", save="p_own")
    for blob in ("", "x", "{", "[]", "{}", "null", "1", pair(secret="x"), pair(access=None), pair(access=1), json.dumps(["access"])):
        make(play, type="ec2", blob=blob, project_id="$home")
        make(play, type="EC2", blob=blob)
    make(play, type="ec2", blob=pair(access="key-6"))
    make(play, type="ec2", blob=pair(access="key-6"), project_id=None)
    make(play, type="ec2", blob=pair(access="key-6"), project_id=1)


def bad_bodies(play):
    for name in ("user_id", "type", "blob"):
        make(play, **{name: ...})
        make(play, **{name: None})
        make(play, **{name: 1})
        make(play, **{name: ["x"]})
    make(play, blob={"access": "x", "secret": "y"})
    make(play, project_id=None)
    make(play, project_id=1)
    make(play, project_id="")
    make(play, type="x" * 256)
    make(play, user_id="x" * 65)
    make(play, project_id="x" * 65)
    for body in ({}, {"credential": None}, {"credential": {}}, {"credential": []}, {"credential": "x"}, {"credentials": {}}, [], b"", b"{"):
        play("POST /credentials", body)
        play("PATCH /credentials/$c_plain", body)


def show(play):
    for name in ("c_plain", "c_full", "c_empty", "c_totp", "c_upper", "c_id", "c_nobodys", "c_nowhere", "p_plain", "p_upper", "p_lost"):
        play(f"GET /credentials/${name}")
    play("HEAD /credentials/$c_full")
    for who in (*STRANGERS, "member", "admin@system", "admin@domain:default", "admin@unscoped"):
        for name in ("$c_plain", "$c_own", "$c_readers", "$c_unscoped", "none"):
            play(f"GET /credentials/{name}", who=who)
    play("HEAD /credentials/none")


def update(play):
    def change(name, who="admin", **members):
        play(f"PATCH /credentials/{name}", {"credential": members}, who=who)

    change("$c_plain", blob="other")
    change("$c_plain", blob="")
    change("$c_plain", blob=None)
    change("$c_plain", blob=1)
    change("$c_plain", blob={"a": 1})
    make(play, save="c_moved")
    change("$c_moved", type="other")
    change("$c_moved", blob="new", type="other")
    change("$c_moved", blob="new", project_id="$home")
    change("$c_moved", blob="new", id="$c_moved")
    change("$c_moved", blob="new", shoe=40)
    change("$c_moved", blob="new", user_id="$reader_user")
    play("DELETE /credentials/$c_moved")
    change("$c_full", blob="new")
    change("$p_plain", blob=pair(access="key-1", secret="new"))
    change("$p_plain", blob=pair(access="key-other", secret="new"))
    change("$p_plain", blob=pair(access="key-1", trust_id="x"))
    change("$p_plain", blob=pair(access="key-1", app_cred_id="x"))
    change("$p_plain", blob=pair(access="key-1", access_token_id="x"))
    change("$p_plain", blob=pair(access="key-1", access_id="x"))
    change("$p_plain", blob=pair(secret="x"))
    change("$p_plain", blob="{}")
    change("$p_plain", blob="x")
    change("$p_plain", blob="[]")
    change("$p_upper", blob="x")
    change("none", blob="x")
    change("none", blob=1)
    for who in (*STRANGERS, "member", "admin@system", "admin@domain:default"):
        for name in ("$c_twin", "$c_own", "$c_readers", "none"):
            change(name, who=who, blob="by somebody")
    play("GET /credentials/$p_plain")
    play("GET /credentials/$c_plain")


def lists(play):
    for who in (*STRANGERS, "admin", "member", "admin@system", "admin@domain:default", "admin@unscoped"):
        play("GET /credentials", who=who)
        for query in ("user_id=$member_user", "user_id=$reader_user", "user_id=none", "type=cert", "type=ec2", "user_id=$member_user&type=cert"):
            play("GET /credentials?" + query, who=who)
    play("HEAD /credentials")
    for query in ("type=EC2", "type=none", "type__contains=er", "project_id=$home", "blob=other", "shoe=39", "limit=1", "marker=none",
                  "none=1", "type=", "user_id="):
        play("GET /credentials?" + query)


def delete(play):
    for who in (*STRANGERS, "member"):
        for name in ("$c_nobodys", "$c_readers", "none"):
            if who != "reader" or name != "$c_readers":
                play(f"DELETE /credentials/{name}", who=who)
    play("DELETE /credentials/$c_own", who="member")
    for name in ("c_plain", "c_twin", "c_full", "c_empty", "c_totp", "c_upper", "c_id", "c_nobodys", "c_nowhere", "c_readers", "c_unscoped",
                 "c_system", "p_plain", "p_lost", "p_upper", "p_empty", "p_own"):
        play(f"DELETE /credentials/${name}")
    play("DELETE /credentials/$c_plain")
    play("GET /credentials/$c_plain")
    play("DELETE /credentials/none")
