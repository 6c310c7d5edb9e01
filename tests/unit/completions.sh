#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# completions.sh BASH ZSH VNETCTL: the completions of vnetctl as the shells use them. Those of zsh where there is a zsh.
set -uo pipefail
bash_file=$(realpath "$1") zsh_file=$(realpath "$2") ctl=$(realpath "$3")
top=$(realpath "$(dirname "$0")/../..")
site=$top/tests/golden/13-all-keys/root
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here" "$work/here/sub" "$work/root" "$work/root/etc"
ln -s "$ctl" "$work/bin/vnetctl"
PATH=$work/bin:$PATH
touch "$work/here/a.vnet" "$work/here/b.conf" "$work/here/with space.vnet"
mkdir -p "$work/root/etc/vnet"
printf '[Namespace]\n' | tee "$work/root/etc/vnet/web@1.vnet" "$work/root/etc/vnet/web@2.vnet" "$work/root/etc/vnet/db.vnet" > /dev/null
cd "$work/here" || exit 1
bad=0

by_bash() { # LINE: the words that readline would offer, sorted
        line=$1 file=$bash_file bash --norc -c '
                . "$file"
                COMP_LINE=$line COMP_POINT=${#line}
                _vnetctl
                printf "%s\n" "${COMPREPLY[@]}"' 2>&1 | sort -u | xargs
}

# What compadd is told in a zsh with a terminal of its own: asked line by line from descriptor 4, which answers at 5
zsh_begins() { # 1: there are no terminals here
        local ready
        mkdir "$work/zsh"
        cp "$zsh_file" "$work/zsh/_vnetctl"
        mkfifo "$work/ask" "$work/answer"
        dir=$work/zsh zsh -f -c '
                zmodload zsh/zpty && zpty z zsh -f -i || exit
                zpty -w z "PS1= PS2=; fpath=($dir \$fpath); autoload -Uz compinit; compinit -u -D"
                zpty -w z "compadd() {
                        if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"\$@\"; return; fi
                        local -a hits; builtin compadd -A hits \"\$@\"
                        (( \$#hits )) && print -rl -- HIT:\${^hits}:
                }"
                zpty -w z "show() { _main_complete; compstate[insert]= compstate[list]=; print; print END }"
                zpty -w z "zle -C show complete-word show; bindkey \"^X\" show; print READ\"\"Y"
                while zpty -r z out; do [[ $out != *READY* ]] || break; done
                print READY
                while IFS= read -r line; do
                        zpty -n -w z $'\''\x15'\''$line$'\''\x18'\''
                        while zpty -r z out; do print -r -- $out; [[ $out != *END* ]] || break; done
                done
                zpty -d z' < "$work/ask" > "$work/answer" 2>&1 &
        exec 4> "$work/ask" 5< "$work/answer"
        read -t 60 -r ready <&5 && [ "$ready" = READY ]
}
by_zsh() { # LINE
        local out
        printf '%s\n' "$1" >&4
        while read -t 60 -r out <&5; do
                [[ $out != *END* ]] || break
                echo "$out"
        done | tr -d '\r' | sed -n 's/.*HIT:\(.*\):$/\1/p' | sort -u | xargs
}

check() { # SHELL LINE WANTED
        local got
        got=$("by_$1" "$2")
        if [ "$got" = "$3" ]; then return; fi
        echo "FAIL $1: \"$2\": offers \"$got\", not \"$3\""
        bad=1
}

# The verbs and the options of each, from what the program itself says
help=$(vnetctl --help)
verbs=$(sed -nE '/^  [a-z]/s/^  ([a-z]+) .*/\1/p' <<< "$help" | sort | xargs)
options_of() { # VERB
        sed -nE '/^  -/p' <<< "$help" | awk -v verb="$1" '{
                n = match($0, /  [a-z, ]*: /); of = n ? substr($0, n, RLENGTH) : ""
                gsub(/[,:]/, " ", of)
                if (n && index(" " of " ", " " verb " ") == 0) next
                if ($1 == "-q," || $1 == "-h,") { print substr($1, 1, 2); $1 = $2 }
                sub(/=.*/, "=", $1); print $1 }' | sort -u | xargs
}
[[ -n $verbs && $(options_of plan) == *--format=* && $(options_of cat) != *--format=* ]] || { echo 'FAIL the help cannot be read'; bad=1; }

check bash 'vnetctl ' "$verbs"
check bash 'vnetctl p' plan
for verb in $verbs; do check bash "vnetctl $verb -" "$(options_of "$verb")"; done
check bash 'vnetctl --no-l' --no-legend
check bash 'vnetctl --json=' 'off pretty short'
check bash 'vnetctl --json=p' pretty
check bash 'vnetctl --json p' pretty
check bash 'vnetctl --json p --format=s' shell
check bash "vnetctl --root=$site plan " 'br br2 m n n2 o t w'
check bash "vnetctl plan --root $site n" 'n n2'
check bash "vnetctl --root=$site plan n " ''
check bash "vnetctl --root=$site cat n m" m
check bash "vnetctl --root=$work/root cat " 'db web@1 web@2'
check bash "vnetctl --root=$work/root cat web@" '1 2' # "@" ends a word of readline
check bash 'vnetctl exec --user=roo' root
check bash 'vnetctl exec net0 -- vnetct' vnetctl
check bash 'vnetctl exec net0 cat b' b.conf
check bash 'vnetctl check ' 'a.vnet sub with space.vnet'
check bash 'vnetctl --root=su' sub
check bash 'vnetctl gc ' ''
check bash 'vnetctl nosuch ' ''
# a breaks string without "=" keeps the whole word
[ "$(line='vnetctl --json=p' file=$bash_file bash --norc -c '. "$file"; COMP_WORDBREAKS=" "; COMP_LINE=$line COMP_POINT=${#line}; _vnetctl; echo "${COMPREPLY[@]}"')" = --json=pretty ] ||
        { echo 'FAIL bash: "=" that breaks no words'; bad=1; }
# and it is registered
[[ $(file=$bash_file bash --norc -c '. "$file"; complete -p vnetctl') == *'-F _vnetctl vnetctl' ]] || { echo 'FAIL bash: not registered'; bad=1; }

if command -v zsh > /dev/null && zsh_begins; then
        check zsh 'vnetctl ' "$verbs"
        for verb in $verbs; do check zsh "vnetctl $verb -" "$(options_of "$verb" | tr -d =)"; done
        check zsh 'vnetctl --json=' 'off pretty short'
        check zsh 'vnetctl plan --format=s' shell
        check zsh "vnetctl --root=$site plan " 'br br2 m n n2 o t w'
        check zsh "vnetctl plan --root=$site n" 'n n2'
        check zsh "vnetctl --root=$work/root cat web@" 'web@1 web@2'
        check zsh 'vnetctl exec --user=roo' root
        check zsh 'vnetctl check a' a.vnet
        exec 4>&-
        wait
else
        echo 'no zsh with a terminal here: bash alone was tried'
fi
exit $bad
