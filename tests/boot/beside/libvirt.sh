# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=libvirt-daemon-system
ROW="libvirt's default network"
KNOWN=$FORWARDING
WHY=$FORWARDING_WHY

its_files() { :; } # ROOT

virsh() { command virsh -q -c network:///system "$@"; }
# Its guest is a namespace with a cable to virbr0, that asks its dnsmasq for an address.
its_start() {
        systemctl start libvirtd
        eventually virsh net-list > /dev/null
        virsh net-start default
        guest virbr0
        guest_asks
}
its_works() {
        virsh net-list | has -w default
        guest_works 192.168.122.1
}
its_restart() { systemctl restart libvirtd; }
its_reload() {
        systemctl reload libvirtd
        # its rules are made anew
        eventually virsh net-list > /dev/null
}
its_stop() {
        no_guest
        virsh net-destroy default
        systemctl stop 'libvirtd*' 'virtlogd*' 'virtlockd*' # which of them there are differs by release
}
its_extra() {
        [ ! -e "$W/guest" ] || guest_apart
}
