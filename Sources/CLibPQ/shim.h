// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.
#include <libpq-fe.h>
