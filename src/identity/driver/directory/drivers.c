/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/directory/driver.h"

#include "identity/driver/directory/ldap.h"

const struct identity_driver *const identity_drivers[] = { &ldap_driver, NULL };
