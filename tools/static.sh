# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# static.sh: the suite of tools/check that looks at the source and at an installed copy without running anything.

# shellcheck disable=SC2154 # log and jobs are those of tools/check
suite_static() {
        local c sh dest=$log/dest
        mapfile -t c < <(find lib generator tools man completions tests -name '*.[ch]' | sort)
        mapfile -t sh < <(find tools tests .ci packaging -type f \( -name '*.sh' -o -name 'vnet.p*' -o -name vnet.install -o -perm -u+x ! -name '*.*' \) -exec grep -lE '^#!.*/(ba)?sh|shellcheck shell=' {} + | sort)
        if clang-format-14 --version > /dev/null 2>&1; then
                quiet static/format clang-format-14 --dry-run -Werror "${c[@]}"
        else
                skip 'static/format: no clang-format 14 here, and each version formats in its own way'
        fi
        quiet static/file-size file_sizes "${c[@]}" "${sh[@]}"
        quiet static/function-size function_sizes "${c[@]}"
        quiet static/objects objects "$VNET_PLAIN"
        quiet static/rooms rooms
        quiet static/spdx spdx "${c[@]}" "${sh[@]}"
        if reuse_reads_toml; then
                quiet static/licences licences
        else
                skip 'static/licences: no reuse from 4.0 on here, which reads REUSE.toml: Debian 13 has 5.0, Debian 12 has 1.1'
        fi
        quiet static/opens opens_with_why
        quiet static/hacking hacking_is_short
        quiet static/paths paths_are_there
        quiet static/versions versions
        printf '%s\n' "${sh[@]}" > "$log/sh"
        quiet static/shellcheck xargs -a "$log/sh" -P "$jobs" -n 8 shellcheck
        quiet static/completions shellcheck "$VNET_PLAIN/completions/vnetctl"
        quiet static/mutants tools/mutants --look
        quiet static/install meson install -C "$VNET_PLAIN" --no-rebuild --destdir "$dest"
        quiet static/installed-files installed_files "$dest"
        quiet static/man-pages man_pages "$dest"
        quiet static/units unit_files "$dest"
        quiet static/three-files three_files "$dest"
}

file_sizes() { wc -l "$@" | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines, more than 600"; bad = 1 } END { exit bad }'; }

# clang-format puts a function's last brace, and nothing else that is one character long, at the beginning of a line.
function_sizes() {
        awk 'FNR == 1 { start = 0 }
                /^[A-Za-z_].*\) *\{$/ || /^ .*\) \{$/ && !start && prev !~ /^ / { if (!start) start = FNR }
                /^}$/ { if (start && FNR - start - 1 > 60) { print FILENAME ":" start ": " FNR - start - 1 " lines, more than 60"; bad = 1 } start = 0 }
                { prev = $0 }
                END { exit bad }' "$@"
}

# No two object files of lib/ need each other: tsort(1) names those that do.
objects() { # BUILD
        local o loops
        loops=$(find "$1/lib" -name '*.o' | sort | while read -r o; do
                nm --extern-only "$o" | awk -v o="${o#"$1"/}" '{ print $(NF - 1), $NF, o }'
        done | awk '$1 == "U" { needs[NR] = $2 " " $3; next } { by[$2] = $3 }
                END { for (i in needs) { split(needs[i], n, " "); if (n[1] in by && by[n[1]] != n[2]) print n[2], by[n[1]] } }' |
                sort -u | tsort 2>&1 > /dev/null)
        [ -z "$loops" ] || { echo "$loops"; return 1; }
}

# A room of lib/kernel knows only those that stand before it.
rooms() {
        local room before=' ' bad=0
        for room in netlink system nft state pass object verb; do
                before+="$room "
                grep -nE '^#include "[a-z]+/' "lib/kernel/$room"/*.[ch] | sed -E 's/^([^:]*:[0-9]+):#include "([a-z]+)\/.*/\1 \2/' |
                        awk -v known="$before" '!index(known, " " $2 " ") { print $1 ": includes a file of " $2; bad = 1 } END { exit bad }' || bad=1
        done
        return $bad
}

spdx() {
        local f bad=0 line='SPDX-License''-Identifier: GPL-2.0-or-later' # in two, or reuse(1) takes this line for one
        for f; do
                head -n 3 "$f" | grep -q "$line" || { echo "$f: no SPDX line"; bad=1; }
        done
        return $bad
}

# Who has written each file, and its licence (REUSE.toml): of what a release has in it
licences() {
        local tarball
        tarball=$(tools/package source "$log/source") && tar -xf "$tarball" -C "$log/source" && (cd "$log/source"/*/ && LC_ALL=C.UTF-8 reuse lint)
}
reuse_reads_toml() { [[ $(reuse --version 2> /dev/null) =~ [0-9]+ ]] && [ "${BASH_REMATCH[0]}" -ge 4 ]; }

# Each .c begins with a comment that says why it exists; what the comment says is for people to judge.
opens_with_why() {
        find lib generator tools man completions -name '*.c' -exec awk 'FNR == 1 { if (f) print f ": opens without saying why"; f = FILENAME }
                FNR > 1 && /^\/\*/ { f = "" } f && /^[#a-z]/ { print f ": opens without saying why"; f = "" }' {} + | sort -u | grep . && return 1
        return 0
}

# HACKING.md is a way in and no more: what else there is to know stands in doc/.
hacking_is_short() { awk 'END { if (NR > 150) { print "HACKING.md: " NR " lines, more than 150"; exit 1 } }' HACKING.md; }

# A file that has moved leaves no old name behind: not where the documents lead to, nor a comment, nor a script by "$TOP/…".
paths_are_there() {
        local f path bad=0
        while IFS=: read -r f path; do
                path=${path#\$*/} path=${path#[!a-z]} path=${path%%[.,:]}
                compgen -G "$path" > /dev/null || { echo "$f: there is no $path"; bad=1; }
        done < <(grep -oHE '(^|[^A-Za-z0-9_./~-])(lib|generator|tools|tests|units|conf\.d|man|doc|packaging)/[A-Za-z0-9_.*@/-]*' README.md HACKING.md PACKAGING.md doc/*.md
                grep -rIoHE '(^|[^A-Za-z0-9_./~-])(lib|generator)/[a-z/]+/[a-z0-9*-]+\.(c|h|inc)\>' lib generator tools man tests --exclude-dir=mutants
                grep -rIoHE '\$\{?[A-Za-z0-9_]+\}?/(lib|generator|tools|tests)/[A-Za-z0-9_/-]+\.(c|h|inc|sh|py)\>' tools tests --exclude-dir=mutants)
        return $bad
}

# The version stands in meson.build. Tools for packages read files of their own, which repeat it.
versions() {
        local version got
        version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
        got=$(sed -nE '1s/^vnet \((.*)-[^-]*\) .*/\1/p' packaging/debian/changelog)
        [ "$got" = "$version" ] || { echo "packaging/debian/changelog is of version '$got', meson.build of '$version'"; return 1; }
        got=$(sed -nE 's/^Version: +//p' packaging/rpm/vnet.spec)/$(sed -nE '/^%changelog/,$s/^\* .* - ([^ ]*)-[^-]*$/\1/p' packaging/rpm/vnet.spec | head -n 1)/$(sed -n 's/^pkgver=//p' packaging/arch/PKGBUILD)
        [ "$got" = "$version/$version/$version" ] || { echo "vnet.spec, its changelog and PKGBUILD are of versions '$got', meson.build of '$version'"; return 1; }
}

# Each file where spec.md 2 wants it, and all below the directories of systemd, /usr and /etc.
installed_files() { # ROOT
        local want bad=0
        for want in '*/systemd/system-generators/vnet-generator' '*/libexec/vnet/vnet-helper' '*/bin/vnetctl' '*/bash-completion/completions/vnetctl' '*/zsh/*/_vnetctl' '*/systemd/system/vnet@.service' \
                '*/systemd/system/vnet.target' '*/systemd/system/vnet-begin.target' '*/systemd/system/vnet-join@.service' '*/systemd/system/vnet-endpoint@.service' '*/systemd/system/vnet-endpoint@.timer' '*/libexec/vnet/vnet-endpoint' '*/systemd/system/vnet-restore.service' '*/man5/vnet.5*' '*/man7/vnet.7*' '*/man1/vnetctl.1*' \
                '*/man8/vnet-generator.8*' '*/man8/vnet@.service.8*' /etc/vnet; do
                find "$1" -path "$1$want" | grep -q . || { echo "not installed: $want"; bad=1; }
        done
        find "$1" -mindepth 1 -maxdepth 1 ! -name usr ! -name lib ! -name etc | grep . && bad=1
        return $bad
}

# The small site is the same wherever a user meets it: the installed examples, vnet(7), and side by side in README.md.
three_files() { # ROOT
        local f want got
        want=$(cd conf.d/examples && for f in *; do echo "# /etc/vnet/$f"; grep '^[^#]' "$f"; done)
        (cd "$1/usr/share/doc/vnet/examples" && for f in *; do echo "# /etc/vnet/$f"; grep '^[^#]' "$f"; done) | diff - <(echo "$want") || return 1
        got=$(sed -n '/^\.Sh IN ONE MINUTE/,/^\.Ed/p' man/vnet.7.in | grep -vE '^(\.|Three|$)')
        diff <(echo "$got") <(echo "$want") || { echo 'man/vnet.7.in shows other files'; return 1; }
        got=$(awk '/^# .* # / { split($0, head, / +# /); for (n = 1; n in head; n++) from[n] = index($0, substr(head[n], n == 1 ? 3 : 1)) - 2 }
                /^```/ { n = 0 }
                n { for (i = 1; i < n; i++) text[i] = text[i] "\n" substr($0, from[i], i < n - 1 ? from[i + 1] - from[i] : 999) }
                END { for (i = 1; i in text; i++) print text[i] }' README.md | sed 's/ *$//' | grep .)
        diff <(echo "$got") <(echo "$want") || { echo 'README.md shows other files'; return 1; }
}

man_pages() { # ROOT
        find "$1" -path '*/man/*' -name '*.[1-9]' -print0 | xargs -0 mandoc -T lint -W warning
}

# The paths in units must exist, so the installed copy lies over this machine's /usr, in a mount namespace of its own.
unit_files() { # ROOT
        unshare --mount --propagation private bash -c '
                set -e
                t=$(mktemp -d)
                mount -t tmpfs tmpfs "$t"
                mkdir "$t/up" "$t/wk"
                mount -t overlay overlay -o "lowerdir=/usr,upperdir=$t/up,workdir=$t/wk" /usr
                for d in usr lib; do [ ! -d "$1/$d" ] || cp -a "$1/$d/." "/$d/"; done
                systemd-analyze verify --man=no --recursive-errors=no vnet@net0.service vnet-join@br0.service vnet-endpoint@net0.service vnet-endpoint@net0.timer vnet.target vnet-begin.target vnet-restore.service' verify "$1" > "$1.verify" 2>&1
        local rc=$?
        # it also speaks about units of this machine; only ours count
        grep vnet "$1.verify" && return 1
        [ $rc = 0 ] || cat "$1.verify"
        return $rc
}
