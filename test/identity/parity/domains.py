# SPDX-License-Identifier: Apache-2.0
"""/v3/domains: what is in one, disabling before deleting."""


def steps(play):
    create(play)
    show_and_update(play)
    lists(play)
    disabled(play)
    immutable(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /domains", {"domain": members}, save=save)

    make(name="east", description="East", colour="red", save="east")
    make(name="west", enabled=False, save="west")
    make(name="north", description=None, tags=["a"], save="north")
    make(name="own-id", id="x", save="own_id")
    make(name="explicit", explicit_domain_id="0123456789abcdef0123456789abcde0", save="explicit")
    make(name="explicit2", explicit_domain_id="0123456789abcdef0123456789abcde0")
    make(name="explicit2", explicit_domain_id="short")
    make(name="explicit2", explicit_domain_id="0123456789ABCDEF0123456789ABCDEF")
    make(name="east")
    make(name="EAST")
    make(name="east", options={"none": True})
    make(name="east", options={"immutable": 1})
    make(name="Default")
    for members in ({}, {"name": None}, {"name": ""}, {"name": " "}, {"name": 1}, {"name": "x" * 65}, {"name": "bad", "enabled": "yes"},
                    {"name": "bad", "enabled": None}, {"name": "bad", "description": 1}, {"name": "bad", "tags": "x"}, {"name": "bad", "tags": ["a/b"]}):
        make(**members)
        play("PATCH /domains/$east", {"domain": members})
    play("GET /domains/$east")
    for body in ({}, {"domain": None}, {"domain": []}, {"project": {"name": "x"}}):
        play("POST /domains", body)
        play("PATCH /domains/$east", body)
    for who in ("member", "reader", "nobody@unscoped", "admin@system", "admin@domain:default", None):
        play("POST /domains", {"domain": {"name": "forbidden"}}, who=who)


def show_and_update(play):
    for who in ("admin", "member", "nobody@unscoped", "admin@system", None):
        play("GET /domains/$east", who=who)
        play("GET /domains/none", who=who)
        play("PATCH /domains/$east", {"domain": {"description": "Easter"}}, who=who)
        play("PATCH /domains/none", {"domain": {"description": "Easter"}}, who=who)
    play("GET /domains/default")
    play("GET /domains/default", who="member")
    play("GET /domains/$home")
    play("HEAD /domains/$east")
    play("HEAD /domains/none")
    play("GET /projects/$east")
    for members in ({"colour": "blue", "size": 1}, {"colour": None}, {"description": None}, {"name": "west"}, {"name": "east2"}, {"name": "east"},
                    {"id": "$east"}, {"id": "x"}, {"domain_id": "default"}, {"is_domain": False}, {"tags": ["b"]}, {"parent_id": None},
                    {"parent_id": "default"}):
        play("PATCH /domains/$east", {"domain": members})
    play("GET /domains/$east")
    play("PATCH /domains/$home", {"domain": {"description": "x"}})


def lists(play):
    for query in ("", "?name=east", "?name=EAST", "?name=none", "?enabled=true", "?enabled=false", "?enabled=0", "?name__contains=st",
                  "?name__startswith=e", "?id=default", "?description=x", "?colour=blue"):
        play("GET /domains" + query)
    play("HEAD /domains")
    for who in ("member", "nobody@unscoped", "admin@system", "admin@domain:default", None):
        play("GET /domains", who=who)


def disabled(play):
    play("POST /users", {"user": {"name": "eve", "domain_id": "$east", "password": "pass-eve"}}, save="eve")
    play("POST /projects", {"project": {"name": "east-project", "domain_id": "$east"}}, save="project")
    play("PUT /projects/$project/users/$eve/roles/$member")
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$eve", "password": "pass-eve"}}},
                     "scope": {"project": {"id": "$project"}}}}
    play("POST /auth/tokens", auth, who=None, save="eves")
    play("GET /auth/tokens", headers={"X-Subject-Token": "$eves"})
    play("PATCH /domains/$east", {"domain": {"enabled": False}})
    play("GET /auth/tokens", headers={"X-Subject-Token": "$eves"})
    play("POST /auth/tokens", auth, who=None)
    play("GET /projects/$project", who="$eves")
    play("POST /projects", {"project": {"name": "late", "domain_id": "$east"}})
    play("POST /users", {"user": {"name": "late", "domain_id": "$east"}})
    play("POST /groups", {"group": {"name": "late", "domain_id": "$east"}})
    play("POST /roles", {"role": {"name": "late", "domain_id": "$east"}})
    play("GET /users?domain_id=$east")
    play("GET /projects?domain_id=$east")
    play("PATCH /domains/$east", {"domain": {"enabled": True}})
    play("POST /auth/tokens", auth, who=None)


def immutable(play):
    play("POST /domains", {"domain": {"name": "rock", "options": {"immutable": True}}}, save="rock")
    play("PATCH /domains/$rock", {"domain": {"name": "sand"}})
    play("PATCH /domains/$rock", {"domain": {"enabled": False}})
    play("DELETE /domains/$rock")


def delete(play):
    for who in ("member", "nobody@unscoped", None):
        play("DELETE /domains/$east", who=who)
        play("DELETE /domains/none", who=who)
    play("DELETE /domains/none")
    play("DELETE /domains/$east")
    play("DELETE /domains/default")
    play("DELETE /domains/$home")
    play("PATCH /domains/$east", {"domain": {"enabled": False}})
    play("DELETE /domains/$east")
    for path in ("/domains/$east", "/users/$eve", "/projects/$project", "/projects/$east"):
        play("GET " + path)
    play("DELETE /domains/$east")
