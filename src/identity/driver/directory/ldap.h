/* SPDX-License-Identifier: Apache-2.0 */
/* LDAP as a source of users and groups (RFC 4511), with the options of
 * Keystone's section [ldap]. */
#pragma once

#include "identity/driver/directory/driver.h"

extern const struct identity_driver ldap_driver;
