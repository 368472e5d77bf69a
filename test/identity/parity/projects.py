# SPDX-License-Identifier: Apache-2.0
"""/v3/projects: members, trees, tags, options, what hangs on them."""


def steps(play):
    play("POST /domains", {"domain": {"name": "projects-far"}}, save="far")
    play("POST /domains", {"domain": {"name": "projects-off", "enabled": False}}, save="off")
    create(play)
    bad_bodies(play)
    show(play)
    trees(play)
    update(play)
    lists(play)
    tags(play)
    domains_as_projects(play)
    immutable(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /projects", {"project": members}, save=save)

    make(name="red", domain_id="default", description="Red", colour="red", nested={"a": 1}, none=None, save="red")
    make(name="mid", domain_id="default", parent_id="$red", save="mid")
    make(name="deep", domain_id="default", parent_id="$mid", tags=["b", "a"], save="deep")
    make(name="low", domain_id="default", parent_id="$deep", save="low")
    make(name="side", parent_id="$red", save="side")
    make(name="red", domain_id="$far", save="far_red")
    make(name="no-domain", save="no_domain")
    make(name="parent-domain", parent_id="$far")
    make(name="in-far", parent_id="$far", domain_id="$far", save="parent_domain")
    make(name="parent-null", domain_id="default", parent_id=None, save="parent_null")
    make(name="shut", domain_id="default", enabled=False, save="shut")
    make(name="described", domain_id="default", description=None, save="described")
    make(name="own-id", domain_id="default", id="x", save="own_id")
    make(name="own-links", domain_id="default", links={}, save="own_links")
    make(name="red", domain_id="default")
    make(name="RED", domain_id="default")
    make(name="mid", domain_id="default")
    make(name="lost", domain_id="none")
    make(name="lost", domain_id="default", parent_id="none")
    make(name="lost", domain_id="$far", parent_id="$red")
    make(name="lost", domain_id="default", parent_id="$shut")
    make(name="lost", domain_id="$off")
    make(name="lost", domain_id=None)
    for who in ("member", "reader", "nobody@unscoped", "admin@unscoped", "admin@system", "admin@domain:default", None):
        play("POST /projects", {"project": {"name": "forbidden", "domain_id": "default"}}, who=who)


def bad_bodies(play):
    for members in ({}, {"name": None}, {"name": ""}, {"name": " "}, {"name": 1}, {"name": "x" * 65}, {"name": "x" * 64, "description": "long"},
                    {"name": "bad", "enabled": "yes"}, {"name": "bad", "enabled": None}, {"name": "bad", "description": 1},
                    {"name": "bad", "domain_id": 1}, {"name": "bad", "domain_id": ""}, {"name": "bad", "domain_id": "a b"},
                    {"name": "bad", "parent_id": ""}, {"name": "bad", "parent_id": 1}, {"name": "bad", "parent_id": "x" * 65},
                    {"name": "bad", "is_domain": "yes"}, {"name": "bad", "is_domain": None},
                    {"name": "bad", "tags": "x"}, {"name": "bad", "tags": [1]}, {"name": "bad", "tags": [""]}, {"name": "bad", "tags": ["a/b"]},
                    {"name": "bad", "tags": ["a,b"]}, {"name": "bad", "tags": ["x" * 256]}, {"name": "bad", "tags": ["a", "a"]},
                    {"name": "bad", "tags": [str(i) for i in range(81)]}, {"name": "bad", "tags": None},
                    {"name": "bad", "options": None}, {"name": "bad", "options": []}, {"name": "bad", "options": {"none": True}},
                    {"name": "bad", "options": {"immutable": "yes"}}):
        play("POST /projects", {"project": members})
        play("PATCH /projects/$red", {"project": members})
    play("GET /projects?name=bad")
    play("GET /projects/$red")
    play("PATCH /projects/$red", {"project": {"name": "red", "tags": [], "description": "Red"}})
    for body in ({}, {"project": None}, {"project": []}, {"user": {"name": "x"}}):
        play("POST /projects", body)
        play("PATCH /projects/$red", body)


def show(play):
    for who in ("admin", "member", "reader", "nobody@unscoped", "admin@system", None):
        play("GET /projects/$red", who=who)
        play("GET /projects/none", who=who)
    play("GET /projects/$home", who="member")
    play("GET /projects/$home", who="nobody@unscoped")
    play("HEAD /projects/$red")
    play("HEAD /projects/none")
    play("GET /projects/$deep")
    play("GET /projects/default")
    play("GET /projects/$far")


def trees(play):
    for name in ("red", "deep", "low"):
        for query in ("parents_as_list", "parents_as_ids", "subtree_as_list", "subtree_as_ids"):
            play(f"GET /projects/${name}?{query}")
    for query in ("parents_as_list&subtree_as_list", "parents_as_ids&subtree_as_ids", "parents_as_list=true", "parents_as_ids=1",
                  "subtree_as_list=0", "subtree_as_ids=false", "parents_as_list&parents_as_ids", "subtree_as_list&subtree_as_ids", "none"):
        play(f"GET /projects/$mid?{query}")
    play("GET /projects/default?subtree_as_ids")
    play("GET /projects/$home?parents_as_list", who="member")
    play("GET /projects/$home?subtree_as_ids", who="member")
    # Somebody with a role on the middle alone.
    play("POST /users", {"user": {"name": "mo", "domain_id": "default", "password": "pass-mo"}}, save="mo")
    play("PUT /projects/$mid/users/$mo/roles/$member")
    for query in ("parents_as_list", "parents_as_ids", "subtree_as_list", "subtree_as_ids"):
        play(f"GET /projects/$mid?{query}", who="mo@mid")
    play("PUT /OS-INHERIT/projects/$mid/users/$mo/roles/$member/inherited_to_projects")
    play("GET /projects/$mid?subtree_as_list", who="mo@mid")


def update(play):
    def change(name="red", **members):
        play(f"PATCH /projects/${name}", {"project": members})

    change(description="Redder")
    change(description=None)
    change(colour="dark", size=4)
    change(colour=None)
    change(name="red")
    change(name="mid")
    change(id="$red")
    change(id="none")
    change(domain_id="default")
    change(domain_id="$far")
    change(domain_id=None)
    change(parent_id="default")
    change(parent_id="$mid")
    change(parent_id=None)
    change(name="deep", parent_id="$mid")
    change(is_domain=True)
    change(is_domain=False)
    change(enabled=False)
    change("mid", enabled=False)
    change("low", enabled=False)
    change("deep", enabled=False)
    change("mid", enabled=False)
    change("deep", enabled=True)
    change("mid", enabled=True)
    change("deep", enabled=True)
    change("low", enabled=True)
    play("PATCH /projects/none", {"project": {"name": "x"}})
    for who in ("member", "nobody@unscoped", "admin@system", None):
        play("PATCH /projects/$red", {"project": {"description": "x"}}, who=who)
        play("PATCH /projects/none", {"project": {"description": "x"}}, who=who)
    play("GET /projects/$red")


def lists(play):
    for query in ("", "?domain_id=default", "?domain_id=$far", "?domain_id=none", "?name=red", "?name=RED", "?name=none", "?enabled=true",
                  "?enabled=false", "?enabled", "?enabled=0", "?parent_id=$red", "?parent_id=default", "?parent_id=none", "?parent_id=",
                  "?is_domain=true", "?is_domain=false", "?is_domain", "?is_domain=true&enabled=true", "?is_domain=x", "?name__contains=e", "?name__icontains=E",
                  "?name__startswith=re", "?name__endswith=ed", "?description=Red", "?description__contains=x", "?colour=dark", "?id=$red", 
                  "?tags=a", "?tags=a,b", "?tags=a,c", "?tags-any=a,c", "?not-tags=a", "?not-tags-any=a,c", "?tags=", "?tags=b,a", "?tags=a&tags=b",
                  "?domain_id=default&name=red&enabled=true", "?sort_key=name", "?all_tenants"):
        play("GET /projects" + query)
    play("HEAD /projects")
    for who in ("member", "reader", "nobody@unscoped", "admin@system", "admin@domain:default", None):
        play("GET /projects?name=red", who=who)


def tags(play):
    who_else = ("member", "nobody@unscoped", None)
    play("GET /projects/$deep/tags")
    play("GET /projects/$red/tags")
    play("HEAD /projects/$red/tags")
    play("GET /projects/none/tags")
    for method in ("GET", "HEAD", "PUT", "PUT", "GET", "HEAD"):
        play(f"{method} /projects/$red/tags/one")
    play("PUT /projects/$red/tags/two")
    play("GET /projects/$red/tags")
    play("GET /projects/$red/tags/none")
    for tag in ("a%2Fb", "a,b", "x" * 255):
        play(f"PUT /projects/$red/tags/{tag}")
        play(f"GET /projects/$red/tags/{tag}")
    play("PUT /projects/none/tags/one")
    play("GET /projects/none/tags/one")
    play("DELETE /projects/none/tags/one")
    for body in ({"tags": ["z", "y", "x"]}, {"tags": []}, {"tags": ["a", "a"]}, {"tags": ["a/b"]}, {"tags": ["a,b"]}, {"tags": [""]},
                 {"tags": [1]}, {"tags": "a"}, {"tags": None}, {"tags": {}}, {}, {"none": []}, {"tags": ["a"], "more": 1}, [], {"tags": ["x" * 256]},
                 {"tags": [str(i) for i in range(80)]}, {"tags": [str(i) for i in range(81)]}):
        play("PUT /projects/$red/tags", body)
        play("GET /projects/$red")
    play("PUT /projects/none/tags", {"tags": ["x"]})
    play("PUT /projects/$red/tags", {"tags": ["x", "y"]})
    play("DELETE /projects/$red/tags/x")
    play("DELETE /projects/$red/tags/x")
    play("PATCH /projects/$red", {"project": {"tags": ["p", "q"]}})
    for who in who_else:
        for method, path, body in (("GET", "", None), ("GET", "/p", None), ("PUT", "/p", None), ("DELETE", "/p", None), ("DELETE", "", None),
                                   ("PUT", "", {"tags": ["x"]})):
            play(f"{method} /projects/$red/tags{path}", body, who=who)
            play(f"{method} /projects/none/tags{path}", body, who=who)
    play("GET /projects/$home/tags", who="member")
    play("PUT /projects/$home/tags/mine", who="member")
    play("DELETE /projects/none/tags")
    play("DELETE /projects/$red/tags")
    play("GET /projects/$red/tags")
    play("POST /projects/$red/tags", {"tags": []})


def domains_as_projects(play):
    play("POST /projects", {"project": {"name": "acts", "is_domain": True}}, save="acts")
    play("GET /domains/$acts")
    play("GET /projects/$acts")
    play("POST /projects", {"project": {"name": "acts", "is_domain": True}})
    play("POST /projects", {"project": {"name": "acts2", "is_domain": True, "domain_id": "default"}})
    play("POST /projects", {"project": {"name": "acts2", "is_domain": True, "parent_id": "$red"}})
    play("POST /projects", {"project": {"name": "acts2", "is_domain": True, "parent_id": None}})
    play("PATCH /projects/$acts", {"project": {"description": "x"}})
    play("DELETE /projects/$acts")
    play("PATCH /projects/$acts", {"project": {"enabled": False}})
    play("DELETE /projects/$acts")
    play("GET /domains/$acts")


def immutable(play):
    play("POST /projects", {"project": {"name": "rock", "domain_id": "default", "options": {"immutable": True}}}, save="rock")
    play("PATCH /projects/$rock", {"project": {"name": "sand"}})
    play("PATCH /projects/$rock", {"project": {"options": {"immutable": True}}})
    play("DELETE /projects/$rock")
    play("PUT /projects/$rock/tags/x")
    play("PUT /projects/$rock/tags", {"tags": ["x"]})
    play("DELETE /projects/$rock/tags")
    play("PATCH /projects/$rock", {"project": {"name": "sand", "options": {"immutable": False}}})
    play("PATCH /projects/$rock", {"project": {"options": {"immutable": False}}})
    play("PATCH /projects/$rock", {"project": {"options": {"immutable": True}}})
    play("PATCH /projects/$rock", {"project": {"options": {"immutable": None}}})
    play("GET /projects/$rock")
    play("DELETE /projects/$rock")


def delete(play):
    for who in ("member", "nobody@unscoped", None):
        play("DELETE /projects/$red", who=who)
        play("DELETE /projects/none", who=who)
    play("DELETE /projects/none")
    play("DELETE /projects/$red")
    play("DELETE /projects/$red?cascade")
    play("DELETE /projects/$red?cascade=true")
    play("DELETE /projects/$low")
    play("GET /projects/$low")
    play("DELETE /projects/$low")
    play("DELETE /projects/$mid")
    play("DELETE /projects/default")
    play("DELETE /projects/$far")
    play("POST /users", {"user": {"name": "here", "domain_id": "default", "password": "x", "default_project_id": "$deep"}}, save="here")
    play("DELETE /projects/$deep")
    play("GET /users/$here")
    play("GET /role_assignments?user.id=$mo")
    play("DELETE /projects/$mid")
    play("GET /role_assignments?user.id=$mo")
