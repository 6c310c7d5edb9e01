# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-arch.sh: tools/package arch, which is tools/package rpm with another name.

# shellcheck source=tools/package-rpm.sh
. "$TOP/tools/package-rpm.sh"
