# SPDX-License-Identifier: Apache-2.0
"""/v3/users/ID/application_credentials and access_rules."""

BASE = "/users/$member_user/application_credentials"
RULES = "/users/$member_user/access_rules"
STRANGERS = (None, "reader", "nobody@unscoped")


def steps(play):
    create(play)
    bad_bodies(play)
    show(play)
    rules(play)
    use(play)
    delete(play)


def make(play, who="member", base=BASE, save=None, **members):
    play("POST " + base, {"application_credential": {"name": "plain", "unrestricted": False} | members}, who=who, save=save)


def create(play):
    make(play, save="a_plain")
    make(play, name="full", description="Words", secret="own secret", expires_at="2038-01-01T00:00:00.000000Z", unrestricted=True,
         roles=[{"name": "member"}], save="a_full")

    make(play, name="nulls", description=None, secret=None, expires_at=None, save="a_nulls")
    make(play, name="empty", description="", roles=[], save="a_empty")
    make(play, name="no rule", access_rules=[], save="a_no_rule")
    play(f"DELETE {BASE}/$a_no_rule", who="member")
    play("POST " + BASE, {"application_credential": {"name": "bare"}}, who="member", save="a_bare")
    play(f"DELETE {BASE}/$a_bare", who="member")
    make(play, name="implied", roles=[{"name": "reader"}], save="a_reader")
    make(play, name="by id", roles=[{"id": "$member"}], save="a_by_id")
    make(play, name="id", id="0123456789abcdef0123456789abcdef", user_id="x", project_id="x", save="a_id")
    make(play, name="rules", access_rules=[{"path": "/v2.1/servers", "method": "GET", "service": "compute"},
                                           {"path": "/v3/**", "method": "POST", "service": "identity"}], save="a_rules")
    make(play, name="rules again", access_rules=[{"path": "/v2.1/servers", "method": "GET", "service": "compute"}], save="a_rules_again")
    make(play, name="space ", save="a_space")
    make(play, who="reader", base="/users/$reader_user/application_credentials", save="a_reader_own")
    make(play)
    make(play, who="admin")
    make(play, who="reader")
    make(play, who="nobody@unscoped")
    make(play, who=None)
    make(play, base="/users/none/application_credentials")
    make(play, name="x", roles=[{"name": "admin"}])
    make(play, name="x", roles=[{"id": "$admin"}])
    make(play, name="x", roles=[{"name": "none"}])
    make(play, name="x", roles=[{"id": "none"}])
    for at in ("2038-01-01T00:00:00Z", "2038-01-01T00:00:00+01:00", "2038-01-01T00:00:00", "2038-01-01", "2000-01-01T00:00:00Z", "tomorrow"):
        make(play, name="at " + at, expires_at=at)


def bad_bodies(play):
    for members in ({"name": None}, {"name": ""}, {"name": 1}, {"name": "x" * 256}, {"name": " "}, {"description": 1}, {"secret": 1},
                    {"secret": ""}, {"expires_at": 1}, {"unrestricted": "true"}, {"unrestricted": None}, {"unrestricted": 1},
                    {"roles": None}, {"roles": "x"}, {"roles": {}}, {"roles": ["x"]}, {"roles": [{}]}, {"roles": [{"id": 1}]},
                    {"roles": [{"name": "member", "id": "$member"}]}, {"roles": [{"x": 1}]}, {"roles": [{"id": ""}]},
                    {"roles": [{"id": "$member", "x": 1}]}, {"access_rules": None}, {"access_rules": "x"}, {"access_rules": {}}, {"access_rules": ["x"]},
                    {"access_rules": [{"path": "x"}]}, {"access_rules": [{"path": ""}]}, {"access_rules": [{"path": "/" + "x" * 225}]},
                    {"access_rules": [{"path": 1}]}, {"access_rules": [{"path": "/x", "method": "get"}]},
                    {"access_rules": [{"path": "/x", "method": "FOO"}]}, {"access_rules": [{"path": "/x", "method": 1}]},
                    {"access_rules": [{"path": "/x", "method": "GET", "service": ""}]},
                    {"access_rules": [{"path": "/x", "method": "GET", "service": 1}]},
                    {"access_rules": [{"path": "/x", "method": "GET", "service": "a b"}]},
                    {"access_rules": [{"path": "/x", "method": "GET", "service": "x", "more": 1}]},
                    {"access_rules": [{"id": ""}]}):
        make(play, **({"name": "bad"} | members))
    for body in ({}, {"application_credential": None}, {"application_credential": {}}, {"application_credential": []},
                 {"application_credential": "x"}, {"application_credential": {"secret": "x"}}, {"x": {}}, [], b"", b"{"):
        play("POST " + BASE, body, who="member")


def show(play):
    for name in ("a_plain", "a_full", "a_nulls", "a_empty", "a_reader", "a_rules", "a_rules_again", "a_id"):
        play(f"GET {BASE}/${name}", who="member")
    play(f"HEAD {BASE}/$a_plain", who="member")
    for path in ("", "/$a_plain", "/none", "/$a_reader_own"):
        for who in (*STRANGERS, "member", "admin", "admin@system", "admin@domain:default"):
            play(f"GET {BASE}{path}", who=who)
            play(f"GET /users/none/application_credentials{path}", who=who)
    play(f"HEAD {BASE}", who="member")
    for query in ("name=plain", "name=none", "name__contains=ru", "name=", "project_id=x", "limit=1", "marker=none", "none=1"):
        play(f"GET {BASE}?{query}", who="member")
    play(f"PATCH {BASE}/$a_plain", {"application_credential": {"name": "x"}}, who="member")
    play(f"PUT {BASE}/$a_plain", {"application_credential": {"name": "x"}}, who="member")


def rules(play):
    play("GET " + RULES, who="member")
    play("HEAD " + RULES, who="member")
    for query in ("service=compute", "service=none", "path=/v3/**", "method=GET", "method=get", "none=1"):
        play(f"GET {RULES}?{query}", who="member")
    for side in play.sides:
        found = side.ask("GET", side.fill(RULES) + "?service=compute", None, side.token("member")).json["access_rules"]
        side.values["rule"] = found[0]["id"] if found else "not-made"
    for path in (RULES, RULES + "/$rule", RULES + "/none", "/users/none/access_rules", "/users/none/access_rules/$rule",
                 "/users/$reader_user/access_rules/$rule"):
        for who in (*STRANGERS, "member", "admin", "admin@system"):
            play("GET " + path, who=who)
    play(f"HEAD {RULES}/$rule", who="member")
    make(play, name="rule by id", access_rules=[{"id": "$rule"}], save="a_rule_by_id")
    play(f"DELETE {RULES}/$rule", who="member")
    for who in STRANGERS:
        play(f"DELETE {RULES}/$rule", who=who)
        play(f"DELETE {RULES}/none", who=who)
    play("POST " + RULES, {"access_rule": {}}, who="member")
    for name in ("a_rules", "a_rules_again", "a_rule_by_id"):
        play(f"DELETE {BASE}/${name}", who="member")
    play(f"GET {RULES}", who="member")
    play(f"DELETE {RULES}/$rule", who="member")
    play(f"DELETE {RULES}/$rule", who="member")
    play(f"GET {RULES}/$rule", who="member")
    play(f"DELETE {RULES}/none", who="member")


def login(play, save=None, scope=None, **members):
    auth = {"identity": {"methods": ["application_credential"], "application_credential": members}}
    play("POST /auth/tokens", {"auth": auth | ({"scope": scope} if scope else {})}, who=None, save=save)


def use(play):
    make(play, name="restricted", secret="s", save="a_restricted")
    make(play, name="unrestricted", secret="s", unrestricted=True, save="a_unrestricted")
    make(play, name="ruled", secret="s", access_rules=[{"path": "/v3/projects", "method": "GET", "service": "identity"}], save="a_ruled")
    login(play, id="$a_restricted", secret="s", save="restricted")
    login(play, id="$a_unrestricted", secret="s", save="unrestricted")
    login(play, id="$a_ruled", secret="s", save="ruled")
    login(play, id="$a_full", secret="own secret")
    member = {"name": "member", "domain": {"id": "default"}}
    login(play, name="restricted", secret="s", user=member)
    login(play, name="restricted", secret="s", user={"id": "$member_user"})
    login(play, name="restricted", secret="s", user={"name": "member"})
    login(play, name="restricted", secret="s", user={})
    login(play, name="restricted", secret="s")
    login(play, name="none", secret="s", user=member)
    login(play, id="$a_restricted", secret="bad")
    login(play, id="$a_restricted")
    login(play, id="none", secret="s")
    login(play, secret="s")
    login(play)
    for scope in ({"project": {"id": "$home"}}, {"project": {"id": "$office"}}, {"domain": {"id": "default"}}, {"system": {"all": True}}, "unscoped"):
        login(play, id="$a_restricted", secret="s", scope=scope)
    for token in ("$restricted", "$unrestricted", "$ruled"):
        play("GET /auth/tokens", headers={"X-Subject-Token": token})
        play("GET /auth/tokens", who=token, headers={"X-Subject-Token": token})
        play("GET /auth/tokens", headers={"X-Subject-Token": token, "OpenStack-Identity-Access-Rules": "1"})
        for path in (BASE, BASE + "/$a_restricted", RULES, "/credentials", "/users/$member_user/credentials/OS-EC2", "/auth/projects",
                     "/OS-TRUST/trusts?trustor_user_id=$member_user", "/users/$member_user", "/auth/catalog", "/projects"):
            play("GET " + path, who=token)
        make(play, who=token, name="by token")
        make(play, who=token, name="by token unrestricted", unrestricted=True)
        play(f"DELETE {BASE}/none", who=token)
        play("DELETE " + RULES + "/none", who=token)
        play("POST /credentials", {"credential": {"user_id": "$member_user", "type": "x", "blob": "x"}}, who=token)
        play("POST /users/$member_user/credentials/OS-EC2", {"tenant_id": "$home"}, who=token)
        play("POST /OS-TRUST/trusts", {"trust": {"trustor_user_id": "$member_user", "trustee_user_id": "$reader_user", "impersonation": False,
                                                 "project_id": "$home", "roles": [{"name": "member"}]}}, who=token)
        play("POST /auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}, who=None)
        play("POST /auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}},
                                            "scope": {"project": {"id": "$home"}}}}, who=None)
    play("GET " + BASE, who="member")


def delete(play):
    for who in STRANGERS:
        play(f"DELETE {BASE}/$a_plain", who=who)
        play(f"DELETE {BASE}/none", who=who)
    play(f"DELETE {BASE}/$a_plain", who="member")
    play(f"DELETE {BASE}/$a_plain", who="member")
    play(f"GET {BASE}/$a_plain", who="member")
    play(f"DELETE {BASE}/$a_full")
    play(f"DELETE {BASE}/$a_restricted", who="member")
    play("GET /auth/projects", who="$restricted")
    for name in ("a_nulls", "a_empty", "a_reader", "a_by_id", "a_id", "a_space", "a_unrestricted", "a_ruled"):
        play(f"DELETE {BASE}/${name}", who="member")
    play("DELETE /users/$reader_user/application_credentials/$a_reader_own", who="reader")
    play(f"DELETE {BASE}/none", who="member")
