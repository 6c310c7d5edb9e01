# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
WAY=legacy
# shellcheck source=tests/boot/beside/iptables-nft.sh
. "${BASH_SOURCE[0]%/*}/iptables-nft.sh"
