/* SPDX-License-Identifier: Apache-2.0 */
/* Multi-factor rules of a user, and receipts for who met a part of them. */
#pragma once

#include <jansson.h>

#include "identity/identity.h"
#include "identity/model/auth.h"

/* Whether a rule may name it. */
bool mfa_method_known(const char *name);

/* Whether 'methods' meet one of the user's rules whole.  A rule with a method that
 * is not served (auth_methods) cannot be met. */
bool mfa_satisfied(const struct identity *id, const struct user *u, unsigned methods);

/* Adds the methods of a receipt that is good and the user's; 401. */
int receipt_read(struct server *s, struct arena *a, const char *text, const char *user_id, unsigned *methods,
                 struct err *err);

/* The answer to who must show more: text of the receipt and the JSON body. */
void receipt_issue(struct server *s, struct arena *a, const struct user *u, const struct project *domain,
                   unsigned methods, const char **ret_text, const char **ret_body);
