#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Verifies what identity signed as OpenStack's own client does, and prints it.

    test/kit/cms_check.py token|text CERTIFICATE AUTHORITY SIGNED
"""
import subprocess
import sys

from keystoneclient import exceptions
from keystoneclient.common import cms



def verify(kind, signed, cert, authority):
    if kind == "text":
        return cms.cms_verify(signed, cert, authority)
    if cms.is_pkiz(signed):
        return cms.pkiz_verify(signed, cert, authority)
    assert cms.is_asn1_token(signed), "the token does not begin as one in ASN.1 does"
    return cms.verify_token(signed, cert, authority)


def main():
    kind, cert, authority, signed = sys.argv[1:]
    sys.stdout.write(verify(kind, signed, cert, authority).decode())
    # With a certificate of somebody else it must not be good.
    other = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "other.key",
             "-out", "other.pem", "-days", "1"]
    subprocess.run(other, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        verify(kind, signed, "other.pem", "other.pem")
    except (subprocess.CalledProcessError, exceptions.CMSError):
        return 0
    return "the signature is good with any certificate"


if __name__ == "__main__":
    sys.exit(main())
