# SPDX-License-Identifier: Apache-2.0
# Trusts: a part of one user's rights in the hands of another, as they are now.
start identity
user ann demo admin member
user bob other member
user eve other member
as admin
GET    identity /users?name=ann       save ann .users[0].id
GET    identity /users?name=bob       save bob .users[0].id
GET    identity /users?name=eve       save eve .users[0].id
GET    identity /projects?name=demo   save demo .projects[0].id
GET    identity /projects?name=other  save other .projects[0].id
GET    identity /roles?name=member    save member .roles[0].id
GET    identity /roles?name=admin     save adminrole .roles[0].id

as bob
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"name": "member"}]}}   expect 403
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$bob", "trustee_user_id": "$ann", "impersonation": true, "project_id": "$other", "roles": [{"name": "admin"}]}}   expect 404
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$bob", "trustee_user_id": "$ann", "impersonation": true, "project_id": "$other", "roles": []}}   expect 403
as ann
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"name": "member"}], "expires_at": "2001-01-01T00:00:00Z"}}   expect 400
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": false, "project_id": "$demo", "roles": [{"name": "member"}], "remaining_uses": 2}}   expect 201   save trust .trust.id   check .trust.remaining_uses == 2   check .trust.redelegation_count == 0   check .trust.roles[0].name == "member"
GET    identity /OS-TRUST/trusts?trustor_user_id=$ann   check .trusts.length == 1   check .trusts[0].roles missing
GET    identity /OS-TRUST/trusts/$trust/roles           check .roles[0].id == "$member"
GET    identity /OS-TRUST/trusts/$trust/roles/$member   check .role.id == "$member"
GET    identity /OS-TRUST/trusts/$trust/roles/$adminrole   expect 404
as eve
GET    identity /OS-TRUST/trusts/$trust   expect 403
GET    identity /OS-TRUST/trusts?trustor_user_id=$ann   expect 403
$ printf %s "$(openstack token issue -f value -c id)"
save   evetoken text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$evetoken"}}, "scope": {"OS-TRUST:trust": {"id": "$trust"}}}}   expect 403

# Its use: the trustee as itself, with what was given and no more, twice.
as bob
$ printf %s "$(openstack token issue -f value -c id)"
save   bobtoken text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$bobtoken"}}, "scope": {"OS-TRUST:trust": {"id": "$trust"}}}}   expect 201   save token header:x-subject-token   check .token.user.id == "$bob"   check .token.project.id == "$demo"   check .token.OS-TRUST:trust.trustor_user.id == "$ann"   check .token.roles[name=admin] missing
GET    identity /OS-TRUST/trusts/$trust   check .trust.remaining_uses == 1
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$bobtoken"}}, "scope": {"OS-TRUST:trust": {"id": "$trust"}}}}   expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$bobtoken"}}, "scope": {"OS-TRUST:trust": {"id": "$trust"}}}}   expect 401
# A delegated token makes no other token.
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$token"}}, "scope": {"project": {"id": "$other"}}}}   expect 403
as admin
GET    identity /auth/tokens with "X-Subject-Token: $token"   check .token.OS-TRUST:trust.id == "$trust"
# The trustor loses the role: so does the token, at once.
DELETE identity /projects/$demo/users/$ann/roles/$member   expect 204
DELETE identity /projects/$demo/users/$ann/roles/$adminrole   expect 204
GET    identity /auth/tokens with "X-Subject-Token: $token"   expect 404
PUT    identity /projects/$demo/users/$ann/roles/$member   expect 204
GET    identity /auth/tokens with "X-Subject-Token: $token"   expect 200

# With impersonation the token bears the trustor's name; passing it on.
as ann
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}], "allow_redelegation": true, "redelegation_count": 1}}   expect 201   save first .trust.id   check .trust.redelegation_count == 1
as bob
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$bobtoken"}}, "scope": {"OS-TRUST:trust": {"id": "$first"}}}}   expect 201   save imp header:x-subject-token   check .token.user.id == "$ann"
as nobody
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$eve", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}]}} with "X-Auth-Token: $imp"   expect 201   save second .trust.id   check .trust.redelegated_trust_id == "$first"
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$eve", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}], "remaining_uses": 3}} with "X-Auth-Token: $imp"   expect 403
as eve
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$evetoken"}}, "scope": {"OS-TRUST:trust": {"id": "$second"}}}}   expect 201   save deep header:x-subject-token   check .token.user.id == "$ann"
as nobody
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}]}} with "X-Auth-Token: $deep"   expect 403
# The one in the middle goes: what hangs on it ends.
as admin
PATCH  identity /users/$bob {"user": {"enabled": false}}
GET    identity /auth/tokens with "X-Subject-Token: $deep"   expect 404
PATCH  identity /users/$bob {"user": {"enabled": true}}
DELETE identity /OS-TRUST/trusts/$first    expect 204
GET    identity /OS-TRUST/trusts/$second   expect 404
GET    identity /OS-TRUST/trusts/$first    expect 404
