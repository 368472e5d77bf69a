# SPDX-License-Identifier: Apache-2.0
# Credentials: encrypted at rest, each user sees its own; EC2 pairs sign requests.
start identity
user ann demo member
user bob demo member
as admin
GET    identity /users?name=ann       save ann .users[0].id
GET    identity /users?name=bob       save bob .users[0].id
GET    identity /projects?name=demo   save demo .projects[0].id

as ann
POST   identity /credentials {"credential": {"type": "cert", "blob": "a plain secret", "user_id": "$ann"}}   expect 201   save id .credential.id   check .credential.blob == "a plain secret"
GET    identity /credentials/$id      check .credential.user_id == "$ann"
PATCH  identity /credentials/$id {"credential": {"blob": "another"}}   check .credential.blob == "another"
POST   identity /credentials {"credential": {"type": "cert", "blob": "x", "user_id": "$bob"}}   expect 403
PATCH  identity /credentials/$id {"credential": {"user_id": "$bob"}}   expect 403
POST   identity /credentials {"credential": {"type": "ec2", "blob": "x", "user_id": "$ann", "project_id": "$demo"}}   expect 400
POST   identity /credentials {"credential": {"type": "ec2", "blob": "{}", "user_id": "$ann"}}   expect 400
GET    identity /credentials          check .credentials.length == 1
$ ! grep -c "another" "$STATE"/identity/*.db "$STATE"/*.db 2>/dev/null | grep -v ":0"
as bob
GET    identity /credentials          check .credentials.length == 0
GET    identity /credentials/$id      expect 403
DELETE identity /credentials/$id      expect 403
GET    identity /credentials/0123456789abcdef0123456789abcdef   expect 403
as admin
GET    identity /credentials/0123456789abcdef0123456789abcdef   expect 404
GET    identity /credentials?user_id=$ann&type=cert   check .credentials.length == 1

# A pair of one's own; another user's is forbidden, whatever the path says; an admin sees all.
as ann
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 201   save access .credential.access   save secret .credential.secret
GET    identity /users/$ann/credentials/OS-EC2/$access   check .credential.secret == "$secret"
GET    identity /users/$ann/credentials/OS-EC2           check .credentials.length == 1
as bob
GET    identity /users/$bob/credentials/OS-EC2/$access   expect 403
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 403
as admin
GET    identity /users/$bob/credentials/OS-EC2/$access   check .credential.user_id == "$ann"

# Whoever signs with it gets its user's rights there, as they are now.
$ python3 -c 'import base64,hashlib,hmac,os; p={"SignatureVersion":"2","AWSAccessKeyId":os.environ["access"],"SignatureMethod":"HmacSHA256","Action":"Test"}; q="&".join(k+"="+p[k] for k in sorted(p)); s="GET\nlocalhost\n/services\n"+q; print(base64.b64encode(hmac.new(os.environ["secret"].encode(),s.encode(),hashlib.sha256).digest()).decode(),end="")'
save   signature text
as admin
POST   identity /ec2tokens {"credentials": {"access": "$access", "signature": "$signature", "host": "localhost", "verb": "GET", "path": "/services", "params": {"SignatureVersion": "2", "AWSAccessKeyId": "$access", "SignatureMethod": "HmacSHA256", "Action": "Test"}}}   expect 200   check .token.user.id == "$ann"   check .token.project.id == "$demo"   save token header:x-subject-token
POST   identity /ec2tokens {"credentials": {"access": "$access", "signature": "$signature", "host": "localhost:80", "verb": "GET", "path": "/services", "params": {"SignatureVersion": "2", "AWSAccessKeyId": "$access", "SignatureMethod": "HmacSHA256", "Action": "Test"}}}   expect 200
POST   identity /ec2tokens {"credentials": {"access": "$access", "signature": "$signature", "host": "localhost", "verb": "POST", "path": "/services", "params": {"SignatureVersion": "2", "AWSAccessKeyId": "$access", "SignatureMethod": "HmacSHA256", "Action": "Test"}}}   expect 401
POST   identity /ec2tokens {"credentials": {"access": "$access", "host": "localhost", "verb": "GET", "path": "/services", "params": {"SignatureVersion": "2"}}}   expect 401
POST   identity /ec2tokens {"credentials": {"access": "nobody", "signature": "x", "host": "h", "verb": "GET", "path": "/", "params": {}}}   expect 404
POST   identity /ec2tokens {}   expect 400
as ann
POST   identity /ec2tokens {"credentials": {"access": "$access"}}   expect 403

# S3: the text that was signed comes along.
$ python3 -c 'import base64; t=b"GET\n\n\nSun, 22 Nov 2026 10:00:00 +0000\n/bucket/object"; print(base64.urlsafe_b64encode(t).decode(),end="")'
save   signed text
$ python3 -c 'import base64,hashlib,hmac,os; print(base64.b64encode(hmac.new(os.environ["secret"].encode(),base64.urlsafe_b64decode(os.environ["signed"]),hashlib.sha1).digest()).decode(),end="")'
save   signature text
as admin
POST   identity /s3tokens {"credentials": {"access": "$access", "token": "$signed", "signature": "$signature"}}   expect 200   check .token.user.id == "$ann"
POST   identity /s3tokens {"credentials": {"access": "$access", "token": "$signed", "signature": "no"}}   expect 401

# Version 4, with the region and the day in the key.
$ python3 -c 'import base64; t=b"AWS4-HMAC-SHA256\n20261122T100000Z\n20261122/RegionOne/s3/aws4_request\n"+b"0"*64; print(base64.urlsafe_b64encode(t).decode(),end="")'
save   signed text
$ python3 -c 'import base64,hashlib,hmac,os; m=lambda k,t: hmac.new(k,t,hashlib.sha256).digest(); k=b"AWS4"+os.environ["secret"].encode(); [k:=m(k,p) for p in (b"20261122",b"RegionOne",b"s3",b"aws4_request")]; print(m(k,base64.urlsafe_b64decode(os.environ["signed"])).hex(),end="")'
save   signature text
POST   identity /s3tokens {"credentials": {"access": "$access", "token": "$signed", "signature": "$signature"}}   expect 200   check .token.project.id == "$demo"

# Without its user it is gone.
DELETE identity /users/$ann   expect 204
POST   identity /s3tokens {"credentials": {"access": "$access", "token": "$signed", "signature": "$signature"}}   expect 404
GET    identity /credentials/$id   expect 404
