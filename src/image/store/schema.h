/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rest/server.h"

extern const struct schema image_schemas[];
