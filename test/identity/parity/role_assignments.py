# SPDX-License-Identifier: Apache-2.0
"""/v3/role_assignments: as they were made, and what follows from them through groups, trees and implied roles."""

LIST = "/role_assignments"
MADE = ("/projects/$top/users/$olga/roles/$conductor",
        "/projects/$mid/groups/$choir/roles/$singer",
        "/projects/$leaf/users/$pavel/roles/$tenor",
        "/projects/$away/users/$olga/roles/$listener",
        "/domains/$realm/users/$olga/roles/$listener",
        "/domains/$realm/groups/$choir/roles/$listener",
        "/system/users/$olga/roles/$listener",
        "/system/groups/$choir/roles/$singer",
        "/OS-INHERIT/domains/$realm/users/$olga/roles/$tenor/inherited_to_projects",
        "/OS-INHERIT/projects/$top/groups/$choir/roles/$conductor/inherited_to_projects",
        "/OS-INHERIT/projects/$mid/users/$pavel/roles/$listener/inherited_to_projects")


def steps(play):
    concert(play)
    as_made(play)
    effective(play)
    names(play)
    trees(play)
    refused(play)
    flags(play)
    inferences(play)
    where_one_may_go(play)
    who(play)
    gone(play)


def concert(play):
    """A domain with a tree of three projects and one beside it; a choir of two; roles that imply others."""
    play("POST /domains", {"domain": {"name": "realm"}}, save="realm")
    for name, above in (("top", "$realm"), ("mid", "$top"), ("leaf", "$mid"), ("beside", "$realm")):
        play("POST /projects", {"project": {"name": name, "domain_id": "$realm", "parent_id": above}}, save=name)
    play("POST /projects", {"project": {"name": "away", "domain_id": "default"}}, save="away")
    play("POST /groups", {"group": {"name": "choir", "domain_id": "$realm"}}, save="choir")
    for name, domain in (("olga", "default"), ("pavel", "$realm"), ("conrad", "default"), ("rita", "default"), ("paula", "default")):
        play("POST /users", {"user": {"name": name, "password": "pass-" + name, "domain_id": domain}}, save=name)
    for name in ("olga", "pavel"):
        play(f"PUT /groups/$choir/users/${name}")
    for name in ("conductor", "singer", "listener"):
        play("POST /roles", {"role": {"name": name}}, save=name)
    play("POST /roles", {"role": {"name": "tenor", "domain_id": "$realm"}}, save="tenor")
    for prior, implied in (("conductor", "singer"), ("singer", "listener"), ("tenor", "singer")):
        play(f"PUT /roles/${prior}/implies/${implied}")
    for grant in MADE:
        play("PUT " + grant)


def ask(play, *queries, who="admin"):
    for query in queries:
        play(f"GET {LIST}?{query}", who=who)


def as_made(play):
    play("GET " + LIST)
    play("HEAD " + LIST)
    ask(play, "user.id=$olga", "user.id=$pavel", "group.id=$choir", "role.id=$singer", "role.id=$tenor", "scope.project.id=$mid",
        "scope.domain.id=$realm", "scope.project.id=$realm", "scope.domain.id=$top", "scope.system=all", "scope.system=all&user.id=$olga",
        "scope.system=all&group.id=$choir", "scope.system=all&role.id=$singer", "user.id=$olga&role.id=$listener",
        "user.id=$olga&scope.project.id=$top", "user.id=$olga&scope.project.id=$mid", "group.id=$choir&scope.domain.id=$realm",
        "role.id=$listener&scope.domain.id=$realm&user.id=$olga", "scope.OS-INHERIT:inherited_to=projects",
        "scope.OS-INHERIT:inherited_to=projects&user.id=$olga", "scope.OS-INHERIT:inherited_to=projects&scope.project.id=$top",
        "scope.OS-INHERIT:inherited_to=projects&scope.domain.id=$realm", "scope.OS-INHERIT:inherited_to=projects&scope.system=all",
        "scope.OS-INHERIT:inherited_to=domains&user.id=$olga", "scope.OS-INHERIT:inherited_to=&user.id=$olga")
    # Nothing that is unknown is found, what is blank is not looked at.
    ask(play, "user.id=none", "group.id=none", "role.id=none", "scope.project.id=none", "scope.domain.id=none", "scope.system=none",
        "user.id=", "user.id=&group.id=$choir", "group.id=", "role.id=&user.id=$olga", "scope.project.id=&user.id=$olga",
        "scope.domain.id=&user.id=$olga", "scope.system=&user.id=$olga", "scope.system=some&user.id=$olga", "scope.system&user.id=$olga",
        "user.id=$olga&user.id=$pavel", "shoe=39&user.id=$olga", "user_id=$pavel&user.id=$olga", "user.id=$olga&limit=1")


def effective(play):
    ask(play, "effective", "effective&user.id=$olga", "effective&user.id=$pavel", "effective&user.id=$olga&scope.project.id=$top",
        "effective&user.id=$olga&scope.project.id=$mid", "effective&user.id=$olga&scope.project.id=$leaf",
        "effective&user.id=$pavel&scope.project.id=$leaf", "effective&user.id=$pavel&scope.project.id=$beside",
        "effective&scope.project.id=$mid", "effective&scope.project.id=$leaf", "effective&scope.domain.id=$realm",
        "effective&scope.domain.id=$realm&user.id=$olga", "effective&scope.project.id=$away", "effective&role.id=$listener",
        "effective&role.id=$singer&scope.project.id=$leaf", "effective&role.id=$tenor",
        "effective&scope.system=all", "effective&scope.system=all&user.id=$olga", "effective&scope.system=some&user.id=$olga",
        "effective&scope.OS-INHERIT:inherited_to=projects&user.id=$olga", "effective&scope.OS-INHERIT:inherited_to=projects&scope.project.id=$leaf",
        "effective&scope.OS-INHERIT:inherited_to=x&user.id=$olga", "effective&user.id=none", "effective&role.id=none",
        "effective&scope.domain.id=none", "effective&scope.project.id=none", "effective&scope.project.id=$realm")


def names(play):
    ask(play, "include_names&user.id=$olga", "include_names&user.id=$pavel", "include_names&group.id=$choir", "include_names&role.id=$tenor",
        "include_names&scope.system=all", "include_names&scope.domain.id=$realm", "include_names&effective&user.id=$pavel",
        "include_names&effective&scope.project.id=$leaf", "include_names&effective&scope.domain.id=$realm", "include_names=0&user.id=$pavel")


def trees(play):
    def tree(project, *more):
        for query in ("", *more):
            ask(play, f"scope.project.id={project}&include_subtree{query}")

    tree("$top", "&user.id=$olga", "&group.id=$choir", "&role.id=$listener", "&effective", "&effective&user.id=$pavel",
         "&effective&role.id=$listener&user.id=$pavel", "&effective&include_names&user.id=$olga", "&scope.OS-INHERIT:inherited_to=projects")
    tree("$mid", "&effective&user.id=$pavel")
    tree("$leaf", "&effective")
    tree("$realm", "&effective")
    tree("none")


def refused(play):
    ask(play, "user.id=$olga&group.id=$choir", "scope.project.id=$top&scope.domain.id=$realm", "scope.system=all&scope.domain.id=$realm",
        "scope.system=all&scope.project.id=$top", "scope.system=some&scope.project.id=$top", "effective&group.id=$choir",
        "effective&scope.domain.id=$realm&scope.OS-INHERIT:inherited_to=projects", "include_subtree", "include_subtree&scope.project.id=",
        "include_subtree&scope.domain.id=$realm", "include_subtree&scope.project.id=$top&scope.domain.id=$realm",
        "include_subtree&scope.project.id=$top&scope.system=all", "scope.project.id=$top&scope.domain.id=$realm&scope.system=all",
        "user.id=$olga&group.id=$choir&scope.project.id=$top&scope.domain.id=$realm",
        "effective&group.id=$choir&scope.domain.id=$realm&scope.OS-INHERIT:inherited_to=projects")
    play("POST " + LIST, {"role_assignment": {}})
    play(f"GET {LIST}/none")


def flags(play):
    for value in ("", "=", "=1", "=True", "=x", "=0", "=false", "=False"):
        ask(play, f"user.id=$pavel&scope.project.id=$leaf&effective{value}")
    for value in ("=", "=0", "=false", "=x"):
        ask(play, f"scope.project.id=$mid&include_subtree{value}")
        ask(play, f"scope.project.id=$leaf&include_names{value}")


def inferences(play):
    play("GET /role_inferences")
    for role in ("conductor", "singer", "listener", "tenor"):
        play(f"GET /roles/${role}/implies")
    play("PUT /roles/$listener/implies/$conductor")  # A circle of three.
    ask(play, "effective&user.id=$olga&scope.project.id=$away", "effective&user.id=$olga&scope.project.id=$top")
    play("DELETE /roles/$listener/implies/$conductor")


def where_one_may_go(play):
    for name in ("olga", "pavel", "rita"):
        play(f"GET /users/${name}/projects")
        play(f"GET /users/${name}/groups")
    for path in ("/auth/projects", "/auth/domains", "/auth/system", "/users/$olga/projects", "/users/$olga/groups"):
        play("GET " + path, who="olga@away")
    for scope in ({"project": {"id": "$leaf"}}, {"project": {"id": "$beside"}}, {"domain": {"id": "$realm"}}, {"system": {"all": True}}):
        play("POST /auth/tokens", {"auth": {"scope": scope, "identity": {"methods": ["password"], "password": {
            "user": {"id": "$olga", "password": "pass-olga"}}}}}, who=None)


def who(play):
    """The admin and the reader of a domain, the admin of a project, the reader of the system, and others."""
    play("PUT /domains/$realm/users/$conrad/roles/$admin")
    play("PUT /domains/$realm/users/$rita/roles/$reader")
    play("PUT /system/users/$rita/roles/$reader")
    play("PUT /projects/$away/users/$paula/roles/$admin")
    for name in (None, "member", "olga@away", "nobody@unscoped", "conrad@domain:$realm", "rita@domain:$realm", "rita@system", "paula@away",
                 "admin@system"):
        ask(play, "user.id=$pavel", "scope.project.id=$top&include_subtree", "effective&user.id=$olga", who=name)
    for name in ("conrad@domain:$realm", "rita@domain:$realm"):
        ask(play, "", "user.id=$olga", "scope.system=all", "scope.domain.id=default", "scope.project.id=$away",
            "scope.project.id=$away&include_subtree", "include_subtree", "scope.project.id=none&include_subtree",
            "include_names&scope.domain.id=$realm", "scope.project.id=$top&include_subtree&effective", who=name)
    for name in ("member", None):
        ask(play, "include_subtree", "scope.project.id=none&include_subtree", "user.id=$olga&group.id=$choir", who=name)


def gone(play):
    """What a grant is made of goes, and the rest stays."""
    play("DELETE /groups/$choir/users/$olga")
    ask(play, "effective&user.id=$olga")
    play("DELETE /roles/$tenor")
    ask(play, "scope.domain.id=$realm", "effective&scope.project.id=$leaf")
    play("DELETE /users/$pavel")
    play("DELETE /projects/$leaf")
    ask(play, "scope.project.id=$top&include_subtree", "user.id=$pavel", "scope.project.id=$leaf")
    play("DELETE /groups/$choir")
    ask(play, "group.id=$choir", "scope.system=all", "effective&scope.project.id=$mid")
    play("PATCH /domains/$realm", {"domain": {"enabled": False}})
    ask(play, "effective&user.id=$olga")
    play("GET /users/$olga/projects")
    play("DELETE /domains/$realm")
    ask(play, "user.id=$olga")
