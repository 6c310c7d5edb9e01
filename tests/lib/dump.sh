# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dump.sh: what a network namespace looks like, as text that can be compared. What changes by itself (counters, timers,
# life times; carrier and what follows from it, up to a second later) and what is another number each time (indexes,
# handles) is left out.
#
# It runs some hundred times, and what it costs is starting programs: hence the batches.

# One jq for all, as starting it costs more than its work. Lists are sorted where their order means nothing: sets of
# nftables are hashes with a seed of their own. Strings are headings. Of interfaces each value gets a line, as they have many.
# The parent of a vxlan is a number of the host, which ip(8) looks for inside. Of tables for hardware addresses those entries count
# that are sent somewhere.
# shellcheck disable=SC2016 # jq's variables
JQ_DUMP='walk(if type == "object" then with_entries(select(.key | test("^(ifindex|link_index|iflink|link_netnsid|stats|stats64"
        + "|handle|index|expires|valid_life_time|preferred_life_time|ageing|used|updated|num_[tr]x_queues"
        + "|operstate|.*_timer|(min|max)_mtu|fdb_n_learned)$") | not))
                | if (.state | type) == "string" then del(.state) else . end
                | if (.counter | type) == "object" then .counter = null else . end
                | if .info_kind == "vxlan" then del(.info_data.link) else . end
                | if has("mac") and has("ifname") and (has("dst") | not) then {} else . end
                | if (.flags | type) == "array" then .flags -= ["NO-CARRIER", "LOWER_UP", "linkdown"] else . end
                else . end)
        | if type == "string" then "--- " + .
        elif type == "array" then map(select(. != {})) | sort_by(.ifname, .)[]
                | if .ifname then . as $o | paths(scalars) as $p | "\($o.ifname) \($p | map(tostring) | join(".")): \($o | getpath($p))" else . end
        else .nftables[] | select(has("metainfo") | not)
                | walk(if type == "object" and (.elem | type) == "array" then .elem |= sort else . end)
        end'

# They are asked for an interface at a time.
ingress_filters() {
        local device
        for device in $(tc qdisc show | sed -n 's/^qdisc ingress .* dev \([^ ]*\) .*/\1/p'); do
                tc -j filter show dev "$device" ingress
        done
}
# Everything of the namespace that this runs in. Of neighbours only those that somebody set are shown, as the others come
# and go with traffic.
dump() {
        {
                printf '%s\n' 'link show' 'addr show' 'nexthop show' 'neigh show nud permanent' 'neigh show proxy' | ip -j -d -force -batch - 2> /dev/null
                echo '"IPv4"'
                printf '%s\n' 'route show table all' 'rule show' | ip -j -4 -force -batch - 2> /dev/null
                echo '"IPv6"'
                printf '%s\n' 'route show table all' 'rule show' | ip -j -6 -force -batch - 2> /dev/null
                echo '"bridge ports"'
                bridge -j -d link 2> /dev/null
                echo '"tables of overlays"'
                bridge -j fdb show 2> /dev/null
                echo '"rates"'
                tc -j qdisc show
                ingress_filters
                echo '"nftables"'
                nft -j list ruleset
        } | jq -S -c "$JQ_DUMP" || echo "jq failed: equal to nothing, $EPOCHREALTIME"
        echo "--- sysctl"
        (cd /proc/sys/net && grep -rs '' ipv4/conf ipv6/conf ipv4/ip_forward ipv4/ip_default_ttl bridge | sort)
}

# Files below /run, the records with their content, but for the places that the first helper makes once and for all.
files_dump() {
        echo "--- /run, /etc/netns"
        find /run /etc/netns ! -path /run ! -path /run/netns ! -path /run/vnet ! -path /run/vnet/state ! -path /run/vnet/lock \
                ! -path /run/sysctl.d ! -path /etc/netns -printf '%y %M %p\n' 2>/dev/null | sort
        grep -rs '' /run/vnet/state | sort
        grep -oE ' /run/netns/[^ ]+ ' /proc/self/mountinfo | sort -u
}

# Is the machine as it was in FILE, which snapshot() of whoever sources this made? Interfaces of a namespace that was just
# deleted go some moments later only where somebody else deleted it, so ask again before saying no.
same() { # FILE WHAT
        local now=$W/now end=$((SECONDS + 15))
        while :; do
                snapshot "$now"
                if cmp -s "$1" "$now"; then return 0; fi
                [ $SECONDS -lt $end ] || break
                sleep .15
        done
        # interfaces stand before their many sysctls, so the head tells
        diff -U0 "$1" "$now" | cut -c1-4000 | head -n 25 || true
        fail "differs: $2"
}
