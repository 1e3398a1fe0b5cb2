// SPDX-License-Identifier: MIT
import Mustache
