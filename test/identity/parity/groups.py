# SPDX-License-Identifier: Apache-2.0
"""/v3/groups and who is in them."""


def steps(play):
    play("POST /domains", {"domain": {"name": "groups-far"}}, save="far")
    play("POST /users", {"user": {"name": "gil", "domain_id": "default", "password": "pass-gil"}}, save="gil")
    play("POST /users", {"user": {"name": "gus", "domain_id": "$far", "description": "Gus", "shoe": 41}}, save="gus")
    create(play)
    show_and_update(play)
    lists(play)
    members(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /groups", {"group": members}, save=save)

    make(name="crew", domain_id="default", description="all hands", save="crew")
    make(name="crew", domain_id="$far", colour="blue", save="far_crew")
    make(name="no-domain", save="no_domain")
    make(name="null", domain_id="default", description=None, save="null")
    make(name="empty", domain_id="default", description="", save="empty")
    make(name="own-id", domain_id="default", id="x", save="own_id")
    make(name="crew", domain_id="default")
    make(name="CREW", domain_id="default")
    make(name="lost", domain_id="none")
    for members in ({}, {"name": None}, {"name": ""}, {"name": 1}, {"name": "x" * 256}, {"name": "bad", "domain_id": None},
                    {"name": "bad", "domain_id": ""}, {"name": "bad", "domain_id": 1}, {"name": "bad", "description": 1}, {"description": "x"}):
        make(**members)
    for body in ({}, {"group": None}, {"group": []}, {"user": {"name": "x"}}, []):
        play("POST /groups", body)
    for who in ("member", "reader", "nobody@unscoped", "admin@system", None):
        play("POST /groups", {"group": {"name": "forbidden", "domain_id": "default"}}, who=who)


def show_and_update(play):
    for who in ("admin", "member", "nobody@unscoped", "admin@system", None):
        play("GET /groups/$crew", who=who)
        play("GET /groups/none", who=who)
        play("PATCH /groups/$crew", {"group": {"description": "hands"}}, who=who)
    play("HEAD /groups/$crew")
    play("HEAD /groups/none")
    play("PATCH /groups/none", {"group": {"name": "x"}})
    for members in ({}, {"name": None}, {"name": ""}, {"name": 1}, {"name": "x" * 256}, {"description": 1}, {"description": None},
                    {"name": "null"}, {"name": "crew"}, {"domain_id": "default"}, {"domain_id": "$far"}, {"domain_id": None}, {"id": "x"},
                    {"id": "$crew"}, {"colour": "red"}, {"colour": None}, {"name": "crew2", "size": 2}, {"name": "crew"}):
        play("PATCH /groups/$crew", {"group": members})
    play("GET /groups/$crew")
    play("GET /groups/$far_crew")


def lists(play):
    for query in ("", "?domain_id=$far", "?domain_id=none", "?name=crew", "?name=CREW", "?name=none", "?name__contains=re", "?name__icontains=RE",
                  "?name__startswith=cr", "?name__endswith=ew", "?description=all hands".replace(" ", "%20"), "?description__contains=all",
                  "?colour=blue", "?sort_key=name", "?id=$crew"):
        play("GET /groups" + query)
    play("HEAD /groups")
    for who in ("member", "nobody@unscoped", "admin@system", None):
        play("GET /groups?name=crew", who=who)


def members(play):
    for path in ("/groups/$crew/users/$gil", "/groups/none/users/$gil", "/groups/$crew/users/none", "/groups/none/users/none"):
        for who in ("nobody@unscoped", "member", None, "admin"):
            for method in ("GET", "HEAD", "PUT", "GET", "HEAD", "PUT", "DELETE", "GET", "DELETE"):
                play(f"{method} {path}", who=who)
    play("PUT /groups/$crew/users/$gil")
    play("PUT /groups/$crew/users/$gus")
    play("PUT /groups/$far_crew/users/$gil")
    play("PUT /groups/$crew/users/$gil", {"any": "thing"})
    for query in ("", "?name=gil", "?name=none", "?enabled=true", "?domain_id=$far", "?name__contains=g",
                  "?password_expires_at=lt:2040-01-01T00:00:00Z", "?password_expires_at=x"):
        play("GET /groups/$crew/users" + query)
    play("GET /groups/none/users")
    play("GET /groups/$empty/users")
    play("HEAD /groups/$crew/users")
    for who in ("member", "nobody@unscoped", None):
        play("GET /groups/$crew/users", who=who)
    for query in ("", "?name=crew", "?name=none", "?name__contains=cr"):
        play("GET /users/$gil/groups" + query)
    play("GET /users/$gil/groups", who="gil@unscoped")
    play("GET /users/$gus/groups")
    play("GET /users/$gus/groups", who="gil@unscoped")
    play("POST /groups/$crew/users", {"user": {}})


def delete(play):
    for who in ("member", "nobody@unscoped", None):
        play("DELETE /groups/$crew", who=who)
        play("DELETE /groups/none", who=who)
    play("DELETE /groups/none")
    play("DELETE /groups/$crew")
    play("GET /groups/$crew")
    play("DELETE /groups/$crew")
    play("GET /users/$gil/groups")
    play("DELETE /users/$gil")
    play("GET /groups/$far_crew/users")
