/* SPDX-License-Identifier: Apache-2.0 */
/* A host of its own for one test: fresh network and mount namespaces, so that
 * nothing a test does reaches the machine.  Works as root, and without it where
 * the kernel lets users have namespaces. */
#pragma once

#include "host/nl.h"
#include "kit/test.h"

/* Moves the test into its own host, with the loopback up.  Returns the
 * directory for the names of further namespaces. */
const char *lab_enter(struct test *t);

/* A netlink socket on that host (or in the namespace at 'netns'), for as long as the test. */
struct nl *lab_nl(struct test *t, const char *netns);

/* A guest: namespace 'name' whose device eth0 (with this MAC) is a cable to
 * the host's device 'tap'.  Returns the namespace's path. */
const char *lab_guest(struct test *t, const char *dir, const char *name, const char *tap, const char *mac);

/* Runs a command line (split at spaces) in the namespace at 'netns' (null: the
 * host).  Returns its exit code; '*ret_out' (may be null) is what it said. */
int lab_run(struct test *t, const char *netns, const char *command, char **ret_out);

/* As lab_run() until the exit code is 'code', at most 10 s; true when it was. */
bool lab_until(struct test *t, const char *netns, const char *command, int code);

/* Whether a TCP connection from namespace 'from' reaches a listener that is
 * opened at ip:port in namespace 'to'; at most two tries. */
bool lab_connects(struct test *t, const char *from, const char *to, const char *ip, uint16_t port);

/* Whether one ping (of two tries) from namespace 'from' to 'ip' is answered. */
bool lab_pings(struct test *t, const char *from, const char *ip);

/* Pings until it is answered, at most 10 s; whether it was.  For what must be
 * reached: a busy machine may let a ping's second pass. */
bool lab_reaches(struct test *t, const char *from, const char *ip);
