/* SPDX-License-Identifier: Apache-2.0 */
#include "image/driver/driver.h"

const struct image_driver *const image_drivers[] = { &image_driver_file, NULL };
