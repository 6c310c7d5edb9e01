#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Golden tests of the generator. A case is a directory:
#   root/     the tree that the generator sees
#   setup     optional: shell commands in the root, for what git cannot hold
#   env       optional: VARIABLE=VALUE lines
#   args      optional: arguments, in place of "--root=in out"
#   expected  exit status, log, output, tree and files, as show() prints them
# Use: run.sh GENERATOR [CASE...]; UPDATE_GOLDEN=1 writes the expected files anew.
# Prints "ok CASE", "FAIL CASE" or "skip CASE", at last "N passed, N failed, N skipped".

here=$(cd "$(dirname "$0")" && pwd)
generator=$(realpath "${1:?usage: run.sh GENERATOR [CASE...]}")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# Links lead to where the units of this build are installed.
neutral() {
  sed -E -e 's,=-[^ ]+/vnet-helper ,=-@HELPER@ ,' -e 's,[^ ]+/(vnet@\.service|vnet-endpoint@\.(service|timer)|vnet-join@\.service|vnet\.target|vnet-restore\.service)$,@UNITDIR@/\1,'
}

show() {
  echo "== status $(cat status)"
  echo "== log"
  cat log
  if [ -s stdout ]; then
    echo "== stdout"
    neutral <stdout
  fi
  echo "== tree"
  # names first: links dangle here
  (cd out && find . -mindepth 1 -type d -printf '%P/\n' -o -type l -printf '%P -> %l\n' \
    -o -printf '%P %m\n' | LC_ALL=C sort | neutral)
  (cd out && find . -type f -printf '%P\n' | LC_ALL=C sort) | while IFS= read -r file; do
    echo "== file $file"
    sed -E 's,=-[^ ]+/vnet-helper ,=-@HELPER@ ,' "out/$file"
  done
}

run_case() {
  dir=$here/$1
  rm -rf "$work/case"
  mkdir -p "$work/case/in" "$work/case/out"
  cd "$work/case" || return 1
  [ ! -d "$dir/root" ] || cp -a "$dir/root/." in/
  if [ -f "$dir/setup" ]; then
    (cd in && sh -e "$dir/setup") || return 1
  fi
  args='--root=in out' settings=
  [ ! -f "$dir/args" ] || args=$(cat "$dir/args")
  [ ! -f "$dir/env" ] || settings=$(cat "$dir/env")
  touch stamp
  # a case that hangs is a boot that hangs
  # shellcheck disable=SC2086
  env -i PATH="$PATH" ASAN_OPTIONS="$ASAN_OPTIONS" $settings timeout 20 "$generator" $args \
    >stdout 2>log </dev/null
  echo $? >status
  (cd in && find . -newer ../stamp) >changed
  [ ! -s changed ] || return 1
  show >shown
  if [ -n "$UPDATE_GOLDEN" ]; then
    cp shown "$dir/expected"
  else
    diff -u "$dir/expected" shown
  fi
}

# What systemd itself says of the drop-ins, where it and our template are at hand.
verify_with_systemd() {
  template=$here/../../units/vnet@.service.in
  if [ ! -f "$template" ] || ! command -v systemd-analyze >/dev/null; then
    echo "skip systemd-analyze: not at hand"
    skipped=$((skipped + 1))
    return
  fi
  mkdir -p "$work/units"
  for unit in "$here"/../../units/*.in; do
    sed 's|@HELPER@|/bin/true|' "$unit" >"$work/units/$(basename "$unit" .in)"
  done
  cp "$here"/../../units/*.target "$work/units/"
  printf '[Service]\nExecStart=/bin/true\n' >"$work/units/nginx.service"
  (
    cd "$work" && rm -rf in out && cp -a "$here/01-small-site/root" in && mkdir out &&
      "$generator" --root=in out &&
      SYSTEMD_UNIT_PATH="$work/out:$work/units:" systemd-analyze verify --man=no \
        "$work/units/vnet.target" vnet@net0.service vnet@br0.service nginx.service
  ) >"$work/verify" 2>&1
  if grep -e "$work/out" -e '50-vnet' -e 'vnet@' "$work/verify"; then
    echo "FAIL systemd-analyze"
    failed=$((failed + 1))
  else
    echo "ok systemd-analyze"
    passed=$((passed + 1))
  fi
}

all=$#
# shellcheck disable=SC2046 # names of cases have no blanks
[ $# -gt 0 ] || set -- $(cd "$here" && ls -d [0-9]*)
for name; do
  if (run_case "$name") >"$work/report" 2>&1; then
    echo "ok $name"
    passed=$((passed + 1))
  else
    cat "$work/report"
    echo "FAIL $name"
    failed=$((failed + 1))
  fi
done
[ "$all" -gt 0 ] || verify_with_systemd
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
