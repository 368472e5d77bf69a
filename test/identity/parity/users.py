# SPDX-License-Identifier: Apache-2.0
"""/v3/users: members, lists, passwords, options, who may."""


def steps(play):
    play("POST /domains", {"domain": {"name": "users-far"}}, save="far")
    play("POST /projects", {"project": {"name": "users-project", "domain_id": "default"}}, save="project")
    create(play)
    bad_bodies(play)
    show(play)
    update(play)
    lists(play)
    passwords(play)
    options(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /users", {"user": members}, save=save)

    make(name="ann", domain_id="default", password="ann-1", save="ann")
    make(name="bob", domain_id="$far", password="bob-1", email="bob@example.org", description="Bob", enabled=False,
         default_project_id="$project", shoe=39, nested={"a": [1, None, "x"]}, none=None, save="bob")
    make(name="ann", domain_id="$far", save="far_ann")
    make(name="한국어", domain_id="default", save="korean")
    make(name="with space ", domain_id="default", save="spaces")
    make(name="no-domain", save="no_domain")
    make(name="default-null", domain_id="default", default_project_id=None, save="default_null")
    make(name="default-none", domain_id="default", default_project_id="none", save="default_none")
    make(name="email-null", domain_id="default", email=None, description=None, save="email_null")
    make(name="password-null", domain_id="default", password=None, save="password_null")
    make(name="own-id", id="0123456789abcdef0123456789abcdef", domain_id="default", save="own_id")
    make(name="password-expires", domain_id="default", password="x", password_expires_at="2030-01-01T00:00:00.000000Z",
         save="password_expires")
    # Taken names.
    make(name="ann", domain_id="default", password="x")
    make(name="ann", domain_id="$far")
    make(name="ANN", domain_id="$far")
    # Unknown domain, project, nobody, who may not.
    make(name="lost", domain_id="none")
    make(name="lost", domain_id="0123456789abcdef0123456789abcdef")
    make(name="lost", domain_id="")
    make(name="lost", domain_id=None)
    body = {"user": {"name": "forbidden", "domain_id": "default"}}
    for who in (None, "member", "reader", "nobody@unscoped", "admin@unscoped", "admin@system", "admin@domain:default"):
        play("POST /users", body, who=who)
    play("POST /users", body, who=None, headers={"X-Auth-Token": "no-such-token"})


def bad_bodies(play):
    for members in ({}, {"name": None}, {"name": ""}, {"name": " "}, {"name": 1}, {"name": "x" * 256}, {"name": ["x"]},
                    {"name": "bad", "enabled": "yes"}, {"name": "bad", "enabled": "true"}, {"name": "bad", "enabled": 1},
                    {"name": "bad", "enabled": None}, {"name": "bad", "domain_id": 1}, {"name": "bad", "description": 1},
                    {"name": "bad", "password": 1}, {"name": "bad", "default_project_id": 1},
                    {"name": "bad", "default_project_id": ""}, {"name": "bad", "default_project_id": "x" * 65},
                    {"name": "bad", "domain_id": "x" * 65},
                    {"name": "bad", "options": None}, {"name": "bad", "options": []}, {"name": "bad", "options": {"none": True}},
                    {"name": "bad", "options": {"lock_password": "yes"}},
                    {"name": "bad", "options": {"multi_factor_auth_rules": "x"}},
                    {"name": "bad", "options": {"multi_factor_auth_rules": [["password", "password"]]}},
                    {"name": "bad", "options": {"multi_factor_auth_rules": [[]]}}):
        play("POST /users", {"user": members})
        play("PATCH /users/$ann", {"user": members})
    # What of these was accepted is named alike.
    play("GET /users?name=bad")
    play("GET /users/$ann")


def show(play):
    for who in ("admin", "member", "reader", "nobody@unscoped", "admin@unscoped", "admin@system", None):
        play("GET /users/$ann", who=who)
    play("HEAD /users/$ann")
    play("GET /users/$bob")
    play("GET /users/none")
    play("HEAD /users/none")
    play("GET /users/none", who="member")
    play("GET /users/none", who=None)
    play("GET /users/$member_user", who="member")
    play("GET /users/$nobody_user", who="nobody@unscoped")
    play("GET /users/$member_user/projects", who="member")
    play("GET /users/$member_user/projects")
    play("GET /users/$ann/projects")
    play("GET /users/none/projects")
    play("GET /users/$member_user/projects", who="reader")
    play("GET /users/$member_user/groups", who="member")
    play("GET /users/$ann/groups")
    play("GET /users/none/groups")
    play("GET /users/$member_user/groups", who="reader")
    play("GET /users/$ann/projects", who=None)
    play("GET /users/$ann/groups", who=None)


def update(play):
    def change(user="ann", **members):
        play(f"PATCH /users/${user}", {"user": members})

    change(description="Ann")
    change(name="anna", email="anna@example.org", size="big")
    change(size=None)
    change(size="small", email=None)
    change(description=None)
    change(enabled=False)
    change(enabled=True)
    change(default_project_id="$project")
    change(default_project_id=None)
    change(default_project_id="none")
    change(name="anna")
    change(name="member")
    change(name="")
    change(id="$ann")
    change(id="none")
    change(domain_id="default")
    change(domain_id="$far")
    change(domain_id="none")
    change(password="ann-2")
    change(password="ann-2")
    change(password=None)
    change(password_expires_at=None)
    change(user="bob", nested=None, shoe=40)
    change(user="bob", domain_id=None)
    play("PATCH /users/none", {"user": {"name": "x"}})
    play("PATCH /users/none", {"user": {}})
    play("PATCH /users/none", {"user": {"name": "x"}}, who="member")
    for who in ("member", "nobody@unscoped", "admin@system", None):
        play("PATCH /users/$ann", {"user": {"description": "x"}}, who=who)
    play("PATCH /users/$member_user", {"user": {"description": "x"}}, who="member")
    play("GET /users/$ann")
    play("GET /users/$bob")
    play("PATCH /users/$ann", {"user": {"name": "ann"}})


def lists(play):
    for query in ("", "?domain_id=$far", "?name=ann", "?name=ANN", "?name=none", "?enabled=true", "?enabled=false", "?enabled=0",
                  "?enabled=False", "?enabled", "?enabled=x", "?domain_id=none", "?domain_id=", "?name=", "?email=bob@example.org",
                  "?description=Bob", "?default_project_id=$project", "?id=$ann", "?shoe=40", "?none=x",
                  "?name__contains=nn", "?name__icontains=NN", "?name__startswith=an", "?name__istartswith=AN", "?name__endswith=nn",
                  "?name__iendswith=NN", "?name__contains=NN", "?name__regex=a", "?email__contains=bob", 
                  "?name__contains=%25", "?name__contains=_", "?name__contains=", "?name__gt=b",
                  "?name=member&password_expires_at=lt:2040-01-01T00:00:00Z", "?password_expires_at=gt:2040-01-01T00:00:00Z",
                  "?password_expires_at=x", "?password_expires_at=lt:x", "?password_expires_at=zz:2040-01-01T00:00:00Z",
                  "?idp_id=none", "?protocol_id=none", "?unique_id=none", "?sort_key=name",
                  "?sort=name:desc", "?domain_id=$far&name=ann", "?name=ann&name=bob", "?domain_id=default&enabled=true&name=ann"):
        play("GET /users" + query)
    play("HEAD /users")
    for who in ("member", "reader", "nobody@unscoped", "admin@unscoped", "admin@system", "admin@domain:default", None):
        play("GET /users?name=ann", who=who)


def passwords(play):
    def change(old, new, who=None, user="ann", **more):
        play(f"POST /users/${user}/password", {"user": {"original_password": old, "password": new, **more}}, who=who)

    play("POST /users", {"user": {"name": "pia", "domain_id": "default", "password": "pass-pia"}}, save="pia")
    change("wrong", "pia-2", user="pia")
    change("pass-pia", "pass-pia", user="pia")
    change("pass-pia", "pia-2", user="pia", extra="x")
    change("pia-2", "pass-pia", user="pia")
    change("pia-2", "pia-3", user="pia", who="admin")
    change("pia-3", "", user="pia")
    change("pia-3", None, user="pia")
    change(None, "pia-4", user="pia")
    change("pia-3", 4, user="pia")
    change(3, "pia-4", user="pia")
    change("", "pia-4", user="pia")
    for body in ({}, {"user": {}}, {"user": {"password": "x"}}, {"user": {"original_password": "x"}}, {"user": None}, {"none": {}}):
        play("POST /users/$pia/password", body, who=None)
    play("POST /users/none/password", {"user": {"original_password": "x", "password": "y"}}, who=None)
    play("POST /users/none/password", {"user": {"original_password": "x", "password": "y"}})
    play("POST /users/$korean/password", {"user": {"original_password": "x", "password": "y"}}, who=None)
    play("POST /users/$bob/password", {"user": {"original_password": "bob-1", "password": "bob-2"}}, who=None)
    play("PATCH /users/$pia", {"user": {"password": "pia-5"}})
    change("pia-5", "pia-6", user="pia", who=None)
    play("PATCH /users/$pia", {"user": {"enabled": False}})
    change("pia-6", "pia-7", user="pia", who=None)


def options(play):
    def set_options(**options):
        play("PATCH /users/$ann", {"user": {"options": options}})

    play("POST /users", {"user": {"name": "opted", "domain_id": "default", "password": "pass-opted", "options": {
        "ignore_password_expiry": True, "lock_password": None, "multi_factor_auth_rules": [["password", "totp"], ["token"]]}}},
         save="opted")
    play("GET /users/$opted")
    set_options(lock_password=True)
    play("POST /users/$ann/password", {"user": {"original_password": "ann-2", "password": "ann-3"}}, who=None)
    set_options(ignore_lockout_failure_attempts=True)
    set_options(lock_password=None)
    set_options(lock_password=False, ignore_change_password_upon_first_use=True, ignore_user_inactivity=True)
    set_options(none=True)
    set_options(none=None)
    set_options(lock_password="true")
    set_options(lock_password=1)
    set_options(multi_factor_auth_enabled=True, multi_factor_auth_rules=[["password"]])
    set_options(multi_factor_auth_rules=[["none"]])
    set_options(multi_factor_auth_rules=["x"])
    set_options(multi_factor_auth_rules=[[1]])
    set_options(multi_factor_auth_rules=[])
    set_options(multi_factor_auth_rules=None, multi_factor_auth_enabled=None)
    set_options()
    play("GET /users/$ann")
    play("GET /users?name=opted")


def delete(play):
    for who in ("member", "nobody@unscoped", None):
        play("DELETE /users/$ann", who=who)
        play("DELETE /users/none", who=who)
    play("DELETE /users/none")
    play("DELETE /users/$opted")
    play("GET /users/$opted")
    play("DELETE /users/$opted")
    play("DELETE /users/$spaces", {"user": {}})
    play("DELETE /users/$korean", who="admin@system")
