/* SPDX-License-Identifier: Apache-2.0 */
/* Names that every cloud knows; all others begin with "CUSTOM_". */
#pragma once

extern const char *const standard_classes[], *const standard_traits[]; /* Ended by null. */

#define CUSTOM_PREFIX             "CUSTOM_"
#define MISC_SHARES_VIA_AGGREGATE "MISC_SHARES_VIA_AGGREGATE"
