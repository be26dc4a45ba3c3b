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

# interop_all proves the peer by itself, then lets it and the judge meet minga:
# the Go tests whose names begin with TestInterop.
interop_all() {
  need_command npm nodejs npm
  npm_install fedify
  npm_install judge
  local node="$TMP/interop/fedify/node_modules/node/bin/node"
  [[ -x $node ]] || cannot 'the npm package node brought no program'
  (cd "$TMP/interop/fedify" && "$node" --test test/)
  (cd "$TMP/interop/judge" && "$node" --test test/)
  grep -qs '^func TestInterop' cmd/minga/*_test.go || return 0
  export MINGA_TEST_NODE=$node MINGA_TEST_FEDIFY=$TMP/interop/fedify MINGA_TEST_JUDGE=$TMP/interop/judge
  go build -o "$TMP/testsum" ./scripts/testsum
  go test -race -json -count=1 -timeout=15m -run '^TestInterop' ./cmd/minga |
    "$TMP/testsum" -counts "$TMP/counts.interop" -log "$TMP/interop.json"
}
