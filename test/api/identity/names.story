# SPDX-License-Identifier: Apache-2.0
# Space around a name is not part of it: two such names are one.
start identity
as admin
POST   identity /projects {"project": {"name": "  p q  "}}   expect 201   check .project.name == "p q"   save p .project.id
POST   identity /projects {"project": {"name": "p q"}}       expect 409
POST   identity /projects {"project": {"name": "   "}}       expect 400
PATCH  identity /projects/$p {"project": {"name": " r\t"}}   check .project.name == "r"
PATCH  identity /projects/$p {"project": {"name": " "}}      expect 400
POST   identity /users {"user": {"name": " u "}}             expect 201   check .user.name == "u"   save u .user.id
PATCH  identity /users/$u {"user": {"name": " v "}}          check .user.name == "v"
POST   identity /groups {"group": {"name": " g "}}           expect 201   check .group.name == "g"   save g .group.id
PATCH  identity /groups/$g {"group": {"name": " h "}}        check .group.name == "h"
POST   identity /domains {"domain": {"name": " d "}}         expect 201   check .domain.name == "d"   save d .domain.id
PATCH  identity /domains/$d {"domain": {"name": " E "}}      check .domain.name == "E"
POST   identity /domains {"domain": {"name": " "}}           expect 400
