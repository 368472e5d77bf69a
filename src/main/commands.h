/* SPDX-License-Identifier: Apache-2.0 */
/* The commands.  Each returns an exit code, or -errno with words. */
#pragma once

#include "main/cli.h"

int command_up(const struct cli *cli, struct err *err);
int command_down(const struct cli *cli, struct err *err);
int command_bootstrap(const struct cli *cli, struct err *err);
int command_status(const struct cli *cli, struct err *err);
int command_env(const struct cli *cli, struct err *err);
int command_check(const struct cli *cli, struct err *err);
int command_dump(const struct cli *cli, struct err *err);
int command_purge(const struct cli *cli, struct err *err);
/* `stackd identity WORD`: not the role, but what its operator does. */
int command_identity(const struct cli *cli, struct err *err);
/* `stackd policy check|list|sample`. */
int command_policy(const struct cli *cli, struct err *err);
int command_doctor(const struct cli *cli, struct err *err);
