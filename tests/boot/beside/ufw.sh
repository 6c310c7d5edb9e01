# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=ufw
ROW=ufw
# the kernel writes it whenever forwarding is switched, and ufw that same 0 while it is on: nobody can tell whose it is
KNOWN='^ipv4/conf/all/accept_redirects:'
WHY='all.accept_redirects is 1 again after our last stop, by the kernel, until ufw starts again'

its_files() { :; } # ROOT

its_start() {
        ufw allow 22/tcp
        ufw --force enable
}
its_works() { host_is_closed; }
its_restart() { systemctl restart ufw; }
its_reload() { ufw reload; }
its_stop() { ufw disable; }
