/* SPDX-License-Identifier: Apache-2.0 */
/* Telling whoever started us that we are ready. */
#pragma once

/* systemd's notification ("READY=1", "STOPPING=1"), when it listens.  By hand,
 * because libsystemd would cost each process memory for one datagram. */
void notify_systemd(const char *state);

/* A line on a pipe of ours; nothing when 'fd' <= 0. */
void notify_pipe(int fd, const char *line);
