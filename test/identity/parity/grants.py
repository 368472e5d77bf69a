# SPDX-License-Identifier: Apache-2.0
"""Grants: a role for a user or a group on a project, a domain or the system, in itself or inherited."""

SITE, FAR, SYSTEM = "/projects/$site", "/domains/$far", "/system"
GUS, CREW = "/users/$gus", "/groups/$crew"
BELOW = "/inherited_to_projects"


def steps(play):
    play("POST /domains", {"domain": {"name": "grants-far"}}, save="far")
    play("POST /projects", {"project": {"name": "site", "domain_id": "default"}}, save="site")
    play("POST /projects", {"project": {"name": "far-site", "domain_id": "$far"}}, save="far_site")
    play("POST /groups", {"group": {"name": "crew", "domain_id": "default"}}, save="crew")
    play("POST /roles", {"role": {"name": "guard", "description": "Doors", "badge": 7}}, save="guard")
    play("POST /roles", {"role": {"name": "far-guard", "domain_id": "$far"}}, save="far_guard")
    play("POST /roles", {"role": {"name": "near-guard", "domain_id": "default"}}, save="near_guard")
    for name in ("gus", "warden", "lord", "auditor"):
        user(play, name)
    lives(play)
    unknown(play)
    mistaken(play)
    roles_of_domains(play)
    immutable(play)
    disabled(play)
    through_group(play)
    who(play)
    deleted(play)


def user(play, name):
    play("POST /users", {"user": {"name": name, "password": "pass-" + name, "domain_id": "default"}}, save=name)


def lives(play):
    for place in (SITE + GUS, FAR + CREW, SYSTEM + GUS):
        life(play, place + "/roles")
    for place in (SITE + CREW, FAR + GUS):
        life(play, "/OS-INHERIT" + place + "/roles", BELOW)
    # One in itself and one inherited are two.
    play(f"PUT {SITE}{GUS}/roles/$guard")
    play(f"PUT /OS-INHERIT{SITE}{GUS}/roles/$reader{BELOW}")
    play(f"GET {SITE}{GUS}/roles")
    play(f"GET {SITE}{GUS}/roles/$reader")
    play(f"GET /OS-INHERIT{SITE}{GUS}/roles/$guard{BELOW}")
    play(f"DELETE /OS-INHERIT{SITE}{GUS}/roles/$guard{BELOW}")
    play(f"DELETE /OS-INHERIT{SITE}{GUS}/roles/$reader{BELOW}")
    play(f"DELETE {SITE}{GUS}/roles/$guard")


def life(play, roles, end=""):
    """Made, made again, there, listed, gone, gone twice."""
    one = f"{roles}/$guard{end}"
    for method in ("PUT", "PUT", "HEAD"):
        play(f"{method} {one}")
    play(f"GET {roles}{end}")
    for method in ("DELETE", "GET", "DELETE"):
        play(f"{method} {one}")


def unknown(play):
    for place in ("/projects/none/users/$gus", "/projects/$site/users/none", "/projects/none/groups/none", "/domains/$far/groups/none",
                  "/system/users/none"):
        play(f"GET {place}/roles")
        for method in ("PUT", "GET", "DELETE"):
            play(f"{method} {place}/roles/$guard")
    for place in ("/projects/none/users/$gus", "/projects/$site/users/none", "/domains/none/groups/$crew", "/domains/$far/groups/none"):
        for method in ("GET", "PUT", "DELETE"):
            play(f"{method} /OS-INHERIT{place}/roles/$guard{BELOW}")
    play(f"GET /OS-INHERIT/domains/none{GUS}/roles{BELOW}")
    play(f"GET /OS-INHERIT{FAR}/users/none/roles{BELOW}")
    for place in (SITE + GUS, SYSTEM + CREW, "/OS-INHERIT/projects/none/users/none"):
        for method in ("PUT", "GET", "DELETE"):
            play(f"{method} {place}/roles/none{BELOW if 'INHERIT' in place else ''}")


def mistaken(play):
    """A project in place of a domain, a domain in place of a project, methods that are none."""
    for place in ("/domains/$site", "/projects/$far", "/OS-INHERIT/domains/$site", "/OS-INHERIT/projects/$far"):
        for method in ("PUT", "DELETE"):
            play(f"{method} {place}{GUS}/roles/$guard{BELOW if 'INHERIT' in place else ''}")
    play(f"GET /domains/$site{GUS}/roles")
    play(f"GET /projects/$far{GUS}/roles")
    play(f"GET {SITE}/users/$crew/roles")
    play(f"PUT {SITE}/groups/$gus/roles/$guard")
    play(f"POST {SITE}{GUS}/roles/$guard", {})
    play(f"PUT {SITE}{GUS}/roles", {})
    play(f"PUT {SITE}{GUS}/roles/$guard", {"role": {"id": "$reader"}})
    play(f"DELETE {SITE}{GUS}/roles/$guard", {})
    play(f"PUT /OS-INHERIT{SITE}{GUS}/roles/$guard")
    play(f"GET /OS-INHERIT{SITE}{GUS}/roles")
    play(f"PUT /OS-INHERIT/system{GUS}/roles/$guard{BELOW}")


def roles_of_domains(play):
    for place in (SITE + GUS, "/projects/$far_site" + CREW, "/domains/default" + GUS, FAR + GUS, SYSTEM + CREW):
        play(f"PUT {place}/roles/$far_guard")
        play(f"GET {place}/roles")
        play(f"DELETE {place}/roles/$far_guard")
    play(f"PUT /OS-INHERIT{SITE}{GUS}/roles/$far_guard{BELOW}")
    play(f"PUT /OS-INHERIT/domains/default{GUS}/roles/$far_guard{BELOW}")
    play(f"DELETE /OS-INHERIT/domains/default{GUS}/roles/$far_guard{BELOW}")
    play(f"PUT {SITE}{GUS}/roles/$near_guard")
    play("PUT /roles/$near_guard/implies/$guard")
    login(play, "gus")
    play("DELETE /roles/$near_guard/implies/$guard")
    login(play, "gus")
    play(f"DELETE {SITE}{GUS}/roles/$near_guard")


def login(play, name, project="site"):
    play("POST /auth/tokens", {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": name, "domain": {"id": "default"}, "password": "pass-" + name}}},
        "scope": {"project": {"name": project, "domain": {"id": "default"}}}}}, who=None)


def immutable(play):
    play("POST /roles", {"role": {"name": "stone", "options": {"immutable": True}}}, save="stone")
    for method in ("PUT", "GET", "DELETE"):
        play(f"{method} {SITE}{GUS}/roles/$stone")


def disabled(play):
    play("PATCH /users/$gus", {"user": {"enabled": False}})
    play("PATCH /projects/$site", {"project": {"enabled": False}})
    for method in ("PUT", "HEAD", "DELETE"):
        play(f"{method} {SITE}{GUS}/roles/$guard")
    play(f"GET {SITE}{GUS}/roles")
    play("PATCH /domains/$far", {"domain": {"enabled": False}})
    for method in ("PUT", "DELETE"):
        play(f"{method} {FAR}{GUS}/roles/$guard")
    play("PATCH /domains/$far", {"domain": {"enabled": True}})
    play("PATCH /projects/$site", {"project": {"enabled": True}})
    play("PATCH /users/$gus", {"user": {"enabled": True}})


def through_group(play):
    login(play, "gus")
    play(f"PUT {SITE}{CREW}/roles/$guard")
    login(play, "gus")
    play("PUT /groups/$crew/users/$gus")
    login(play, "gus")
    play(f"GET {SITE}{GUS}/roles")
    play(f"HEAD {SITE}{GUS}/roles/$guard")
    play(f"DELETE {SITE}{GUS}/roles/$guard")
    play(f"GET {SITE}{CREW}/roles")
    play("GET /auth/projects", who="gus@site")
    play(f"DELETE {SITE}{CREW}/roles/$guard")
    login(play, "gus")
    play("DELETE /groups/$crew/users/$gus")


def who(play):
    """The reader of a domain, the admin of another one, the reader of the system, and who is nothing."""
    play("PUT /domains/default/users/$warden/roles/$reader")
    play("PUT /domains/$far/users/$lord/roles/$admin")
    play("PUT /system/users/$auditor/roles/$reader")
    play(f"PUT {SITE}{GUS}/roles/$guard")
    for name in ("warden@domain:default", "lord@domain:$far", "auditor@system"):
        for place in (SITE + GUS, "/projects/$far_site" + GUS, SYSTEM + GUS):
            play(f"GET {place}/roles", who=name)
            play(f"GET {place}/roles/$guard", who=name)
            play(f"PUT {place}/roles/$reader", who=name)
    for name in ("member", "warden@domain:default"):
        for place in (SITE + GUS + "/roles/$near_guard", SITE + GUS + "/roles/$far_guard", "/domains/default" + GUS + "/roles",
                      SITE + "/users/none/roles", f"/OS-INHERIT/domains/default{CREW}/roles{BELOW}", "/system/users/none/roles"):
            play("GET " + place, who=name)
        for place in (SITE + "/users/none/roles/$guard", "/projects/none" + GUS + "/roles/$guard", SITE + GUS + "/roles/none",
                      f"/OS-INHERIT{SITE}{GUS}/roles/none{BELOW}", f"/OS-INHERIT{SITE}/users/none/roles/$guard{BELOW}"):
            play("PUT " + place, who=name)
        play(f"DELETE {SITE}{GUS}/roles/$guard", who=name)
        play(f"DELETE {SITE}/users/none/roles/$guard", who=name)
    for name in (None, "nobody@unscoped"):
        for method in ("GET", "PUT", "DELETE"):
            play(f"{method} {SITE}{GUS}/roles/$guard", who=name)
            play(f"{method} /OS-INHERIT{SITE}/users/none/roles/none{BELOW}", who=name)
        play(f"GET {SITE}/users/none/roles", who=name)
    play(f"GET {SITE}{GUS}/roles", who=None, headers={"X-Auth-Token": "no-such-token"})


def deleted(play):
    """With the role, the user, the group or the project, the grants are gone."""
    def assigned(what):
        play(f"GET /role_assignments?{what}")

    for actor in (GUS, CREW):
        play(f"PUT {SITE}{actor}/roles/$guard")
        play(f"PUT {SYSTEM}{actor}/roles/$guard")
        play(f"PUT /OS-INHERIT{SITE}{actor}/roles/$reader{BELOW}")
        play(f"PUT /domains/default{actor}/roles/$reader")
    play("DELETE /roles/$guard")
    play(f"GET {SITE}{GUS}/roles")
    play(f"GET {SITE}{GUS}/roles/$guard")
    assigned("user.id=$gus")
    assigned("group.id=$crew")
    assigned("role.id=$guard")
    play("DELETE /groups/$crew")
    play(f"GET {SITE}{CREW}/roles")
    assigned("group.id=$crew")
    play(f"PUT {SITE}{GUS}/roles/$reader")
    play("DELETE /projects/$site")
    play(f"GET {SITE}{GUS}/roles")
    assigned("user.id=$gus")
    assigned("scope.project.id=$site")
    play("DELETE /users/$gus")
    play(f"GET /domains/default{GUS}/roles")
    play(f"DELETE /domains/default{GUS}/roles/$reader")
    assigned("user.id=$gus")
    play("PATCH /domains/$far", {"domain": {"enabled": False}})
    play("DELETE /domains/$far")
    assigned("scope.domain.id=$far")
    assigned("user.id=$lord")
