# SPDX-License-Identifier: Apache-2.0
# Expired trusts are removed: all, or those of a project, a trustor, a trustee, or before a day.
start identity
user ann demo member
user bob other member
as admin
GET    identity /users?name=ann       save ann .users[0].id
GET    identity /users?name=bob       save bob .users[0].id
GET    identity /projects?name=demo   save demo .projects[0].id
GET    identity /projects?name=other  save other .projects[0].id
as ann
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"name": "member"}], "expires_at": "2100-01-02T00:00:00Z"}}   save one .trust.id
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$ann", "impersonation": true, "project_id": "$demo", "roles": [{"name": "member"}]}}   save forever .trust.id
as bob
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$bob", "trustee_user_id": "$ann", "impersonation": true, "project_id": "$other", "roles": [{"name": "member"}], "expires_at": "2100-06-01T12:00:00Z"}}   save two .trust.id
as nobody
$ "$STACKD" identity trust_flush --state "$STATE"
check  text contains "Removed 0"
$ "$STACKD" identity trust_flush --state "$STATE" --date 02-01-2100
check  text contains "Removed 0"
$ "$STACKD" identity trust_flush --state "$STATE" --date 01-01-2200 --project-id $other --trustor-user-id $ann
check  text contains "Removed 0"
$ "$STACKD" identity trust_flush --state "$STATE" --date 03-01-2100 --project-id $demo --trustor-user-id $ann --trustee-user-id $bob
check  text contains "Removed 1"
$ "$STACKD" identity trust_flush --state "$STATE" --date 01-01-2200 --trustee-user-id=$ann
check  text contains "Removed 1"
$ for date in 2100-01-01 32-01-2100 1-2; do "$STACKD" identity trust_flush --state "$STATE" --date $date 2>&1 | grep "DD-MM-YYYY" || exit 1; done
as ann
GET    identity /OS-TRUST/trusts/$one       expect 404
GET    identity /OS-TRUST/trusts/$forever   expect 200
