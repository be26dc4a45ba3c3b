# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What the stages need, installed when it is missing: Debian's packages, Go tools
# into a cache folder of ours. What cannot be had makes the stage "could not run".

# Tools that we build ourselves are kept here, a folder for each version.
TOOLS=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/minga-test

# cannot REASON… ends the stage: it could not run.
cannot() {
  printf 'could not run: %s\n' "$*"
  exit "$NOT_RUN"
}

# as_root COMMAND… runs it as root, by sudo where we are somebody else.
as_root() {
  if [[ $EUID == 0 ]]; then
    "$@"
  else
    command -v sudo >/dev/null && sudo -n "$@"
  fi
}

# apt_install PACKAGE… installs Debian packages; only once it asks for new lists.
apt_install() {
  command -v apt-get >/dev/null || return 1
  if [[ ! -e $TMP/apt-updated ]]; then
    as_root apt-get update -qq || true
    : >"$TMP/apt-updated"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# need_command COMMAND PACKAGE… makes sure that a command is there.
need_command() {
  local command=$1
  shift
  command -v "$command" >/dev/null && return 0
  apt_install "$@" >"$TMP/apt.log" 2>&1 || true
  command -v "$command" >/dev/null && return 0
  tail -n 20 "$TMP/apt.log" || true
  cannot "$command is missing, and $* could not be installed"
}

# need_go_tool COMMAND PACKAGE VERSION builds a tool once and puts it on the path.
need_go_tool() {
  local bin="$TOOLS/$1-$3"
  if [[ ! -x $bin/$1 ]]; then
    mkdir -p "$bin"
    GOBIN=$bin GOFLAGS='' go install "$2@$3" || cannot "$1 $3 could not be built"
  fi
  PATH=$bin:$PATH
}
