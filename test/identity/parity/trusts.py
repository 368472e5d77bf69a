# SPDX-License-Identifier: Apache-2.0
"""/v3/OS-TRUST/trusts: members, roles, redelegation, uses, who may see."""

TRUSTS = "/OS-TRUST/trusts"
STRANGERS = (None, "reader", "nobody@unscoped")


def steps(play):
    play("POST /users", {"user": {"name": "trusty", "password": "pass-trusty", "domain_id": "default"}}, save="trusty_user")
    play("POST /users", {"user": {"name": "trustee2", "password": "pass-trustee2", "domain_id": "default"}}, save="trustee2_user")
    create(play)
    bad_bodies(play)
    show(play)
    lists(play)
    use(play)
    redelegate(play)
    delete(play)


def make(play, who="member", save=None, **members):
    members = {"trustor_user_id": "$member_user", "trustee_user_id": "$trusty_user", "impersonation": False,
               "project_id": "$home", "roles": [{"id": "$member"}]} | members
    play("POST " + TRUSTS, {"trust": {k: v for k, v in members.items() if v is not ...}}, who=who, save=save)


def create(play):
    make(play, save="t_plain")
    make(play, roles=[{"name": "member"}, {"name": "reader"}], impersonation=True, expires_at="2038-01-01T00:00:00.000000Z",
         remaining_uses=3, save="t_full")
    make(play, project_id=None, roles=[], save="t_unscoped")
    make(play, project_id=..., roles=..., save="t_bare")
    make(play, trustee_user_id="$member_user", save="t_self")
    make(play, roles=[{"id": "$reader"}], save="t_implied")
    make(play, expires_at=None, remaining_uses=None, allow_redelegation=None, redelegation_count=None, save="t_nulls")
    make(play, allow_redelegation=False, redelegation_count=0, save="t_no_count")
    make(play, allow_redelegation=True, save="t_count")
    make(play, allow_redelegation=True, redelegation_count=3, save="t_max")
    for at in ("2038-01-01T00:00:00Z", "2038-01-01T00:00:00+01:00", "2038-01-02T00:00:00", "2038-01-01", "2038-01-03T00:00:00.5Z", "2000-01-01T00:00:00Z",
               "tomorrow", ""):
        make(play, expires_at=at)
    # Who may not, what is not there, what the trustor does not have.
    make(play, who="admin")
    make(play, who="reader")
    make(play, who="nobody@unscoped")
    make(play, who=None)
    make(play, trustor_user_id="$trusty_user")
    make(play, trustee_user_id="none")
    make(play, project_id="none")
    make(play, project_id="$office")
    make(play, roles=[])
    make(play, roles=...)
    make(play, roles=None)
    make(play, roles=[{"id": "none"}])
    make(play, roles=[{"name": "none"}])
    make(play, roles=[{"id": "$admin"}])
    make(play, roles=[{"name": "admin"}])
    make(play, allow_redelegation=True, redelegation_count=4)
    make(play, allow_redelegation=True, redelegation_count=2, remaining_uses=3)
    make(play, allow_redelegation=False, redelegation_count=2)


def bad_bodies(play):
    for name in ("trustor_user_id", "trustee_user_id", "impersonation"):
        make(play, **{name: ...})
        make(play, **{name: None})
        make(play, **{name: 1})
    for members in ({"trustor_user_id": ""}, {"trustee_user_id": ""}, {"trustee_user_id": "x" * 65}, {"trustee_user_id": "a b"}, {"impersonation": "true"},
                    {"project_id": 1}, {"project_id": ""}, {"project_id": "a b"}, {"project_id": "x" * 65}, {"remaining_uses": 0},
                    {"remaining_uses": -1}, {"remaining_uses": "2"}, {"remaining_uses": 1.5}, {"remaining_uses": True}, {"expires_at": 1},
                    {"allow_redelegation": "true"}, {"allow_redelegation": 1}, {"redelegation_count": -1}, {"redelegation_count": "1"},
                    {"roles": "x"}, {"roles": {}}, {"roles": ["x"]}, {"roles": [{}]}, {"roles": [{"id": 1}]}, {"roles": [{"id": ""}]},
                    {"roles": [{"name": ""}]}, {"roles": [{"name": "member", "id": "$member"}]}, {"roles": [{"name": "member", "x": 1}]},
                    {"roles": [{"x": 1}]}, {"roles": [None]}):
        make(play, **members)
    for body in ({}, {"trust": None}, {"trust": {}}, {"trust": []}, {"trust": "x"}, {"trusts": {}}, [], b"", b"{"):
        play("POST " + TRUSTS, body, who="member")


def show(play):
    for name in ("t_plain", "t_full", "t_unscoped", "t_bare", "t_implied", "t_count", "t_max"):
        play(f"GET {TRUSTS}/${name}", who="member")
        play(f"GET {TRUSTS}/${name}/roles", who="member")
    for path in ("/$t_plain", "/$t_plain/roles", "/$t_plain/roles/$member", "/$t_plain/roles/$admin", "/$t_plain/roles/none", "/none",
                 "/none/roles", "/none/roles/$member"):
        for who in (*STRANGERS, "member", "trusty@unscoped", "admin", "admin@system", "admin@domain:default"):
            play(f"GET {TRUSTS}{path}", who=who)
        play(f"HEAD {TRUSTS}{path}", who="member")
    play(f"PATCH {TRUSTS}/$t_plain", {"trust": {"impersonation": True}}, who="member")
    play(f"PUT {TRUSTS}/$t_plain", {"trust": {}}, who="member")
    play(f"PUT {TRUSTS}/$t_plain/roles/$member", who="member")


def lists(play):
    for who in (*STRANGERS, "member", "trusty@unscoped", "admin", "admin@system", "admin@domain:default"):
        for query in ("", "?trustor_user_id=$member_user", "?trustee_user_id=$trusty_user", "?trustor_user_id=$trusty_user",
                      "?trustor_user_id=$member_user&trustee_user_id=$trustee2_user", "?trustor_user_id=none", "?trustee_user_id=none",
                      "?trustor_user_id="):
            play("GET " + TRUSTS + query, who=who)
    play("HEAD " + TRUSTS)
    play("HEAD " + TRUSTS, who="member")


def login(play, trust, who="trusty", save=None):
    play("POST /auth/tokens", {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": who, "domain": {"id": "default"}, "password": "pass-" + who}}}, "scope": {"OS-TRUST:trust": {"id": trust}}}},
        who=None, save=save)


def use(play):
    login(play, "$t_plain", save="t_token")
    login(play, "$t_unscoped")
    login(play, "$t_plain", who="member")
    login(play, "$t_plain", who="trustee2")
    login(play, "none")
    login(play, "")
    login(play, None)
    make(play, remaining_uses=2, impersonation=True, save="t_twice")
    login(play, "$t_twice", save="t_twice_token")
    play(f"GET {TRUSTS}/$t_twice", who="member")
    login(play, "$t_twice")
    play(f"GET {TRUSTS}/$t_twice", who="member")
    play(f"GET {TRUSTS}?trustor_user_id=$member_user", who="member")
    login(play, "$t_twice")
    for token in ("$t_token", "$t_twice_token"):
        play("GET /auth/tokens", who="admin", headers={"X-Subject-Token": token})
        for path in (TRUSTS, TRUSTS + "/$t_plain", TRUSTS + "?trustee_user_id=$trusty_user", TRUSTS + "?trustor_user_id=$member_user",
                     TRUSTS + "/$t_plain/roles", "/credentials", "/users/$member_user/credentials/OS-EC2", "/auth/projects",
                     "/users/$member_user/application_credentials", "/users/$trusty_user/application_credentials",
                     "/users/$member_user/access_rules", "/auth/catalog", "/users/$member_user"):
            play("GET " + path, who=token)
        play("POST /credentials", {"credential": {"user_id": "$member_user", "type": "x", "blob": "x"}}, who=token)
        play("POST /users/$member_user/credentials/OS-EC2", {"tenant_id": "$home"}, who=token)
        play("POST /users/$member_user/application_credentials", {"application_credential": {"name": "t"}}, who=token)
        play("POST /users/$trusty_user/application_credentials", {"application_credential": {"name": "t"}}, who=token)
        make(play, who=token)
        play("POST /auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}, who=None)
        play("POST /auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}},
                                            "scope": {"project": {"id": "$home"}}}}, who=None)
        play("POST /auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": token}},
                                            "scope": {"OS-TRUST:trust": {"id": "$t_plain"}}}}, who=None)


def redelegate(play):
    make(play, impersonation=True, allow_redelegation=True, redelegation_count=2, expires_at="2038-02-01T00:00:00Z",
         roles=[{"id": "$member"}, {"id": "$reader"}], save="r_one")
    login(play, "$r_one", save="r_one_token")

    def again(who="$r_one_token", save=None, **members):
        make(play, who=who, save=save, **({"impersonation": True, "trustee_user_id": "$trustee2_user", "roles": [{"name": "member"}]} | members))

    again(save="r_two")
    again(expires_at="2037-01-01T00:00:00Z", redelegation_count=1)
    again(expires_at="2037-01-02T00:00:00Z", redelegation_count=2)
    again(expires_at="2037-01-03T00:00:00Z", redelegation_count=3)
    again(expires_at="2037-01-04T00:00:00Z", redelegation_count=0, save="r_last")
    again(expires_at="2037-01-05T00:00:00Z", allow_redelegation=True, save="r_more")
    again(expires_at="2037-01-06T00:00:00Z", allow_redelegation=False)
    again(expires_at="2037-01-07T00:00:00Z", remaining_uses=1)
    again(expires_at="2039-01-01T00:00:00Z")
    again(roles=[{"name": "admin"}])
    again(impersonation=False)
    again(project_id="$office")
    again(trustor_user_id="$trusty_user")
    for name in ("r_one", "r_two", "r_last", "r_more"):
        play(f"GET {TRUSTS}/${name}", who="member")
        play(f"GET {TRUSTS}/${name}", who="trustee2@unscoped")
    login(play, "$r_more", who="trustee2", save="r_more_token")
    again(who="$r_more_token", expires_at="2036-01-01T00:00:00Z", save="r_third")
    play(f"GET {TRUSTS}/$r_third", who="member")
    play("GET /auth/tokens", who="admin", headers={"X-Subject-Token": "$r_more_token"})
    play(f"DELETE {TRUSTS}/$r_one", who="member")
    for name in ("r_one", "r_two", "r_last", "r_more", "r_third"):
        play(f"GET {TRUSTS}/${name}", who="member")
    play("GET /auth/projects", who="$r_more_token")


def delete(play):
    for who in (*STRANGERS, "trusty@unscoped"):
        play(f"DELETE {TRUSTS}/$t_plain", who=who)
        play(f"DELETE {TRUSTS}/none", who=who)
    play(f"DELETE {TRUSTS}/$t_plain", who="member")
    play("GET /auth/projects", who="$t_token")
    play(f"DELETE {TRUSTS}/$t_plain", who="member")
    play(f"GET {TRUSTS}/$t_plain", who="member")
    play(f"GET {TRUSTS}/$t_plain/roles", who="member")
    play(f"DELETE {TRUSTS}/$t_full")
    play(f"DELETE {TRUSTS}/none", who="member")
    play("DELETE /users/$trusty_user")
    play(f"GET {TRUSTS}/$t_bare", who="member")
    play(f"GET {TRUSTS}?trustor_user_id=$member_user", who="member")
    play("DELETE /users/$trustee2_user")
