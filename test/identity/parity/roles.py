# SPDX-License-Identifier: Apache-2.0
"""/v3/roles: global ones, those of domains, what implies what."""


def steps(play):
    play("POST /domains", {"domain": {"name": "roles-far"}}, save="far")
    play("POST /domains", {"domain": {"name": "roles-near"}}, save="near")
    create(play)
    show_and_update(play)
    lists(play)
    implied(play)
    immutable(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /roles", {"role": members}, save=save)

    make(name="cook", save="cook")
    make(name="baker", description="Bread", colour="white", save="baker")
    make(name="cook", domain_id="$far", save="far_cook")
    make(name="cook", domain_id="$near", save="near_cook")
    make(name="null", domain_id=None, save="null")
    make(name="own-id", id="x", save="own_id")
    make(name="with space ", save="spaces")
    make(name="options", options={}, save="options")
    make(name="cook")
    make(name="COOK")
    make(name="cook", domain_id="$far")
    make(name="cook", domain_id="none")
    for members in ({}, {"name": None}, {"name": ""}, {"name": " "}, {"name": 1}, {"name": "x" * 256}, {"name": "bad", "options": None}, {"name": "bad", "options": []},
                    {"name": "bad", "options": {"none": True}}, {"name": "bad", "options": {"immutable": "yes"}}):
        make(**members)
        play("PATCH /roles/$baker", {"role": members})
    for body in ({}, {"role": None}, {"role": []}, {"user": {"name": "x"}}):
        play("POST /roles", body)
        play("PATCH /roles/$baker", body)
    for who in ("member", "reader", "nobody@unscoped", "admin@system", None):
        play("POST /roles", {"role": {"name": "forbidden"}}, who=who)
        play("POST /roles", {"role": {"name": "forbidden", "domain_id": "$far"}}, who=who)


def show_and_update(play):
    play("PATCH /roles/$baker", {"role": {"name": "baker"}})
    for who in ("admin", "member", "nobody@unscoped", "admin@system", None):
        for role in ("$baker", "$far_cook", "none"):
            play(f"GET /roles/{role}", who=who)
            play(f"PATCH /roles/{role}", {"role": {"description": "new"}}, who=who)
    play("HEAD /roles/$baker")
    play("HEAD /roles/none")
    for members in ({"colour": "brown", "size": 1}, {"colour": None}, {"name": "cook"}, {"name": "baker2"}, {"name": "baker"}, {"id": "$baker"},
                    {"id": "x"}, {"domain_id": None}, {"domain_id": "$far"}, {"domain_id": "none"}):
        play("PATCH /roles/$baker", {"role": members})
    play("PATCH /roles/$far_cook", {"role": {"domain_id": "$near"}})
    play("PATCH /roles/$far_cook", {"role": {"domain_id": None}})
    play("PATCH /roles/$far_cook", {"role": {"domain_id": "$far"}})
    play("GET /roles/$baker")
    play("GET /roles/$admin")


def lists(play):
    for query in ("", "?name=cook", "?name=COOK", "?name=none", "?domain_id=$far", "?domain_id=", "?domain_id=null", "?domain_id=$far&name=cook",
                  "?name__contains=oo", "?name__startswith=c", "?description=Bread", "?id=$cook"):
        play("GET /roles" + query)
    play("HEAD /roles")
    for who in ("member", "nobody@unscoped", "admin@system", None):
        play("GET /roles?name=cook", who=who)
        play("GET /roles?domain_id=$far", who=who)


def implied(play):
    play("GET /roles/$cook/implies")
    play("PUT /roles/$cook/implies/$baker")
    play("PUT /roles/$cook/implies/$baker")
    play("PUT /roles/$baker/implies/$null")
    for method in ("GET", "HEAD"):
        play(f"{method} /roles/$cook/implies")
        play(f"{method} /roles/$cook/implies/$baker")
        play(f"{method} /roles/$cook/implies/$null")
        play(f"{method} /roles/none/implies")
        play(f"{method} /roles/none/implies/$cook")
        play(f"{method} /roles/$cook/implies/none")
        play(f"{method} /role_inferences")
    play("PUT /roles/$null/implies/$cook")  # A circle.
    play("GET /role_inferences")
    play("DELETE /roles/$null/implies/$cook")
    play("PUT /roles/$cook/implies/$cook")
    play("PUT /roles/$cook/implies/$admin")
    play("PUT /roles/none/implies/$cook")
    play("PUT /roles/$cook/implies/none")
    play("PUT /roles/$far_cook/implies/$cook")
    play("PUT /roles/$cook/implies/$far_cook")
    play("PUT /roles/$near_cook/implies/$far_cook")
    play("GET /roles/$far_cook/implies")
    play("POST /roles/$cook/implies", {})
    for who in ("member", "nobody@unscoped", "admin@system", None):
        for method, path in (("GET", "/roles/$cook/implies"), ("GET", "/roles/$cook/implies/$baker"), ("PUT", "/roles/$cook/implies/$options"),
                             ("DELETE", "/roles/$cook/implies/$options"), ("GET", "/role_inferences")):
            play(f"{method} {path}", who=who)
    play("DELETE /roles/$cook/implies/$null")
    play("DELETE /roles/none/implies/$baker")
    play("DELETE /roles/$cook/implies/none")
    play("DELETE /roles/$cook/implies/$baker")
    play("DELETE /roles/$cook/implies/$baker")
    play("GET /roles/$cook/implies")


def immutable(play):
    play("POST /roles", {"role": {"name": "rock", "options": {"immutable": True}}}, save="rock")
    play("PATCH /roles/$rock", {"role": {"name": "sand"}})
    play("DELETE /roles/$rock")
    play("PATCH /roles/$rock", {"role": {"options": {"immutable": False}, "name": "sand"}})
    play("PATCH /roles/$rock", {"role": {"options": {"immutable": False}}})
    play("PATCH /roles/$rock", {"role": {"options": {"immutable": None}}})
    play("DELETE /roles/$rock")
    play("DELETE /roles/$admin")
    play("PATCH /roles/$admin", {"role": {"name": "root"}})


def delete(play):
    play("PUT /roles/$cook/implies/$baker")
    play("PUT /projects/$home/users/$nobody_user/roles/$baker")
    for who in ("member", "nobody@unscoped", None):
        play("DELETE /roles/$baker", who=who)
        play("DELETE /roles/none", who=who)
    play("DELETE /roles/none")
    play("DELETE /roles/$baker")
    play("GET /roles/$baker")
    play("DELETE /roles/$baker")
    play("GET /roles/$cook/implies")
    play("GET /role_assignments?user.id=$nobody_user")
    play("DELETE /roles/$far_cook")
