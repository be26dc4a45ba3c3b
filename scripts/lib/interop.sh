# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Servers and judges that we did not write. They are installed from their lock
# files into the temporary folder; npm's cache alone stays.

# npm_install FOLDER copies a folder of scripts/interop and installs into the copy.
npm_install() {
  local to="$TMP/interop/$1"
  mkdir -p "$TMP/interop"
  cp -R "scripts/interop/$1" "$to"
  rm -rf "$to/node_modules"
  (cd "$to" && npm ci --prefer-offline --no-audit --no-fund --loglevel=error) ||
    cannot "the npm packages of scripts/interop/$1 could not be installed"
}

# node_test NODE FOLDER runs the tests of one folder and adds them to the count.
node_test() {
  local log="$TMP/interop/$2.log" passed failed skipped
  (cd "$TMP/interop/$2" && "$1" --test --test-reporter=spec) >"$log" 2>&1 || {
    cat "$log"
    return 1
  }
  passed=$(sed -n 's/^[^a-z]*pass \([0-9]*\)$/\1/p' "$log")
  failed=$(sed -n 's/^[^a-z]*fail \([0-9]*\)$/\1/p' "$log")
  skipped=$(sed -n 's/^[^a-z]*skipped \([0-9]*\)$/\1/p' "$log")
  printf '%d tests in scripts/interop/%s: %d passed, %d failed, %d skipped\n' "$((passed + failed + skipped))" "$2" "$passed" "$failed" "$skipped"
  ((passed > 0)) || cannot "no test ran in scripts/interop/$2"
  add_counts interop "$passed" "$failed" "$skipped"
}

# add_counts STAGE PASSED FAILED SKIPPED adds to what the stage counted already.
add_counts() {
  local p=0 f=0 s=0
  [[ ! -s $TMP/counts.$1 ]] || read -r p f s _ <"$TMP/counts.$1"
  printf '%d %d %d\n' $((p + $2)) $((f + $3)) $((s + $4)) >"$TMP/counts.$1"
}

# interop_all proves the peer by itself, then lets it and the judge meet minga:
# the Go tests whose names begin with TestInterop, none of which may skip itself.
interop_all() {
  need_command npm nodejs npm
  npm_install fedify
  npm_install judge
  npm_install clients
  need_command toot toot
  local node="$TMP/interop/fedify/node_modules/node/bin/node" p f s
  [[ -x $node ]] || cannot 'the npm package node brought no program'
  node_test "$node" fedify
  node_test "$node" judge
  grep -qs '^func TestInterop' cmd/minga/*_test.go || return 0
  export MINGA_TEST_NODE=$node MINGA_TEST_FEDIFY=$TMP/interop/fedify MINGA_TEST_JUDGE=$TMP/interop/judge MINGA_TEST_CLIENTS=$TMP/interop/clients
  go build -o "$TMP/testsum" ./scripts/testsum
  go test "${RACE[@]}" -json -vet=off -count=1 -timeout=15m -run '^TestInterop' ./cmd/minga |
    "$TMP/testsum" -counts "$TMP/counts.go-interop" -log "$TMP/interop.json"
  read -r p f s _ <"$TMP/counts.go-interop"
  add_counts interop "$p" "$f" "$s"
  ((s == 0)) || cannot "$s of the interop tests were skipped"
}
