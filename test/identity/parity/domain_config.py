# SPDX-License-Identifier: Apache-2.0
"""/v3/domains/ID/config: options of a domain, their defaults, and what of them everybody may see."""

STRANGERS = (None, "member", "reader", "nobody@unscoped")
BASE = "/domains/$conf/config"
WHOLE = {"identity": {"driver": "ldap"}, "ldap": {"url": "ldap://host", "user_tree_dn": "ou=Users,dc=x", "password": "hidden"}}


def steps(play):
    play("POST /domains", {"domain": {"name": "conf"}}, save="conf")
    for path in ("", "/ldap", "/ldap/url", "/none", "/ldap/none"):
        for method in ("GET", "HEAD", "DELETE"):
            play(f"{method} {BASE}{path}")
        play(f"PATCH {BASE}{path}", {"config": {"ldap": {"url": "ldap://x"}}})
    create(play)
    bad_bodies(play)
    show(play)
    update(play)
    defaults(play)
    compliance(play)
    delete(play)


def create(play):
    for who in STRANGERS:
        play("PUT " + BASE, {"config": WHOLE}, who=who)
        play("PUT /domains/none/config", {"config": WHOLE}, who=who)
    play("PUT /domains/none/config", {"config": WHOLE})
    play("PUT " + BASE, {"config": WHOLE})
    play("PUT " + BASE, {"config": WHOLE})
    play("PUT " + BASE, {"config": {"ldap": {"url": "ldap://other", "query_scope": "sub", "user_id_attribute": "uid"}}})
    play("GET " + BASE)
    play("PUT " + BASE, {"config": WHOLE})


def bad_bodies(play):
    for config in ({}, None, [], "x", 1, {"none": {}}, {"none": {"a": "b"}}, {"ldap": {}}, {"ldap": None}, {"ldap": "x"}, {"ldap": []},
                   {"ldap": {"none": "x"}}, {"ldap": {"url": 1}}, {"ldap": {"url": ["x"]}}, {"ldap": {"url": {}}},
                   {"ldap": {"url": ""}}, {"ldap": {"page_size": "x"}}, {"ldap": {"use_tls": "yes"}}, {"ldap": {"use_pool": True}},
                   {"identity": {"driver": "none"}}, {"identity": {"default_domain_id": "x"}}, {"identity": {"driver": "sql"}},
                   {"identity": {"list_limit": 1}}, {"ldap": {"url": "ldap://x"}, "none": {}}, {"ldap": {"url": "ldap://x", "none": 1}},
                   {"ldap": {"url": "ldap://x", "password": "%(none)s"}}, {"ldap": {"url": "ldap://%(password)s"}},
                   {"ldap": {"user": "cn=x", "password": "y", "url": "ldap://%(user)s:%(password)s@h"}}, {"ldap": {"url": "ldap://%(none)s"}},
                   {"security_compliance": {"password_regex": "x"}}, {"DEFAULT": {"admin_token": "x"}}):
        play("PUT " + BASE, {"config": config})
        play("GET " + BASE)
        play("PATCH " + BASE, {"config": config})
        play("GET " + BASE)
    for body in ({}, {"configs": {}}, {"ldap": {"url": "ldap://x"}}, [], b"", b"{"):
        play("PUT " + BASE, body)
        play("PATCH " + BASE, body)
    play("DELETE " + BASE)
    play("PUT " + BASE, {"config": WHOLE})


def show(play):
    for path in ("", "/identity", "/ldap", "/none", "/identity/driver", "/ldap/url", "/ldap/password", "/ldap/user", "/ldap/none",
                 "/none/url", "/identity/url", "/identity/default_domain_id", "/identity/list_limit"):
        play(f"GET {BASE}{path}")
        play(f"HEAD {BASE}{path}")
        play(f"GET /domains/none/config{path}")
        for who in (*STRANGERS, "admin@system"):
            play(f"GET {BASE}{path}", who=who)
    play(f"PUT {BASE}/ldap", {"config": {"ldap": {"url": "x"}}})
    play(f"POST {BASE}", {"config": {}})


def update(play):
    play(f"PATCH {BASE}", {"config": {"ldap": {"url": "ldap://patched", "user": "cn=x"}}})
    play(f"PATCH {BASE}", {"config": {"identity": {"driver": "ldap"}}})
    for config in ({"ldap": {"url": "ldap://group"}}, {"ldap": {"query_scope": "one"}}, {"identity": {"driver": "ldap"}}, {"url": "x"}, {}, None,
                   {"ldap": {"none": 1}}, {"ldap": {"url": "ldap://x"}, "identity": {"driver": "ldap"}}, {"ldap": {}}):
        play(f"PATCH {BASE}/ldap", {"config": config})
    for config in ({"url": "ldap://option"}, {"ldap": {"url": "x"}}, {"user": "x"}, {}, None, {"url": "x", "user": "y"}, {"none": 1}):
        play(f"PATCH {BASE}/ldap/url", {"config": config})
    play(f"PATCH {BASE}/ldap/password", {"config": {"password": "new"}})
    play(f"PATCH {BASE}/ldap/query_scope", {"config": {"query_scope": "sub"}})
    play(f"PATCH {BASE}/ldap/page_size", {"config": {"page_size": 5}})
    play(f"PATCH {BASE}/ldap/none", {"config": {"none": 5}})
    play(f"PATCH {BASE}/none", {"config": {"none": {"a": 5}}})
    play(f"PATCH {BASE}/none/url", {"config": {"url": 5}})
    play(f"GET {BASE}")
    for who in STRANGERS:
        play(f"PATCH {BASE}", {"config": {"ldap": {"url": "no"}}}, who=who)
        play(f"PATCH {BASE}/ldap", {"config": {"ldap": {"url": "no"}}}, who=who)
        play(f"PATCH {BASE}/ldap/url", {"config": {"url": "no"}}, who=who)
    play("PATCH /domains/none/config", {"config": {"ldap": {"url": "no"}}})
    play("PATCH /domains/none/config/ldap/url", {"config": {"url": "no"}})


def defaults(play):
    for path in ("", "/identity", "/ldap", "/none", "/identity/driver", "/ldap/url", "/ldap/password", "/ldap/query_scope", "/ldap/page_size",
                 "/ldap/none", "/none/url", "/security_compliance"):
        play(f"GET /domains/config{path}/default")
        play(f"HEAD /domains/config{path}/default")
        for who in (*STRANGERS, "admin@system"):
            play(f"GET /domains/config{path}/default", who=who)


def compliance(play):
    for path in ("", "/password_regex", "/password_regex_description", "/none", "/lockout_failure_attempts"):
        for domain in ("default", "$conf", "none"):
            for who in (None, "admin", "member", "nobody@unscoped"):
                play(f"GET /domains/{domain}/config/security_compliance{path}", who=who)
            play(f"HEAD /domains/{domain}/config/security_compliance{path}")
            play(f"PATCH /domains/{domain}/config/security_compliance{path}", {"config": {"security_compliance": {"password_regex": "x"}}})
            play(f"DELETE /domains/{domain}/config/security_compliance{path}")


def delete(play):
    for path in ("", "/ldap", "/ldap/url", "/none", "/ldap/none"):
        for who in STRANGERS:
            play(f"DELETE {BASE}{path}", who=who)
        play(f"DELETE /domains/none/config{path}")
    play(f"DELETE {BASE}/none")
    play(f"DELETE {BASE}/ldap/none")
    play(f"DELETE {BASE}/ldap/group_tree_dn")
    play(f"DELETE {BASE}/ldap/password")
    play(f"DELETE {BASE}/ldap/url")
    play(f"DELETE {BASE}/ldap/url")
    play(f"GET {BASE}")
    play(f"DELETE {BASE}/identity")
    play(f"GET {BASE}/identity")
    play(f"DELETE {BASE}/identity")
    play(f"DELETE {BASE}")
    play(f"DELETE {BASE}")
    play(f"GET {BASE}")
    play("PATCH /domains/$conf", {"domain": {"enabled": False}})
    play("DELETE /domains/$conf")
