# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Stages: each runs in a process group of its own with its output in a file, is
# told in one line, and leaves nothing running.

# How long one stage may take, in seconds, before it is ended.
readonly STAGE_LIMIT=1800
# What a stage returns when it could not run at all.
readonly NOT_RUN=75

declare -A STAGE_STATE=() STAGE_NOTE=()
STAGE_ORDER=()
STAGE_GROUP=
WATCHDOG=
STAGES_OWNER=

# stages_begin makes the temporary folder and sees to its end.
stages_begin() {
  TMP=$(mktemp -d "/tmp/minga-test.XXXXXX")
  chmod 711 "$TMP" # PostgreSQL's user must get through to its own folder
  mkdir "$TMP/tmp"
  export TMP TMPDIR="$TMP/tmp"
  STAGES_OWNER=$BASHPID
  trap stages_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# stages_end stops what runs and removes what was made. A process that was started a moment
# ago still has these traps: one that is ended before it could let them go only ends itself.
stages_end() {
  local rc=$?
  trap - EXIT INT TERM HUP
  [[ $BASHPID == "$STAGES_OWNER" ]] || exit "$rc"
  end_group "$WATCHDOG"
  end_group "$STAGE_GROUP"
  postgres_stop || true
  if [[ -n ${MINGA_TEST_KEEP:-} ]]; then
    printf 'kept: %s\n' "$TMP"
  else
    chmod -R u+w "$TMP" 2>/dev/null || true
    rm -rf "$TMP"
  fi
  exit "$rc"
}

# end_group PID ends the process group that PID leads: first asking, then not.
end_group() {
  [[ -n $1 ]] || return 0
  local _
  kill -TERM -- "-$1" 2>/dev/null || return 0
  for _ in {1..50}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
}

# in_group COMMAND… starts it in a new process group; the group is in GROUP.
in_group() {
  set -m
  "$@" &
  GROUP=$!
  set +m
}

# stage_body NAME is what runs in the stage's own shell.
stage_body() {
  trap - EXIT INT TERM HUP
  set -euo pipefail
  "stage_$1" >"$TMP/$1.log" 2>&1 </dev/null
}

watch() {
  trap - EXIT INT TERM HUP
  sleep "$STAGE_LIMIT"
  printf '\nended after %d s\n' "$STAGE_LIMIT" >>"$TMP/$2.log"
  kill -TERM -- "-$1"
  sleep 10
  kill -KILL -- "-$1"
}

# stage_run NAME runs stage_NAME and notes how it went.
stage_run() {
  local name=$1 begin=$SECONDS rc=0
  : >"$TMP/$name.log"
  prepare "$name" >>"$TMP/$name.log" 2>&1 </dev/null || rc=$NOT_RUN
  if [[ $rc == 0 ]]; then
    in_group stage_body "$name"
    STAGE_GROUP=$GROUP
    in_group watch "$STAGE_GROUP" "$name" 2>/dev/null
    WATCHDOG=$GROUP
    wait "$STAGE_GROUP" || rc=$?
    end_group "$WATCHDOG"
    end_group "$STAGE_GROUP" # what the stage left behind
    WATCHDOG='' STAGE_GROUP=''
  fi
  stage_tell "$name" "$rc" $((SECONDS - begin))
  confirm "$name"
}

# stage_tell NAME STATUS SECONDS prints the line of a stage, and what it said when
# it failed.
stage_tell() {
  local state=ok
  case $2 in
    0) ;;
    "$NOT_RUN") state='NOT RUN' ;;
    *) state=FAIL ;;
  esac
  STAGE_ORDER+=("$1")
  STAGE_STATE[$1]=$state
  STAGE_NOTE[$1]="$3 s"
  if [[ $state == ok ]]; then
    grep -E '^(ok|\?)?[[:space:]]+minga|^skipped|tests? in ' "$TMP/$1.log" || true
  else
    printf -- '--- %s: what it said\n' "$1"
    tail -n 400 "$TMP/$1.log"
    printf -- '---\n'
  fi
  printf '%-8s %-10s %5d s\n' "$state" "$1" "$3"
}

# stage_none NAME: nothing is built of it yet; no failure.
stage_none() { printf '%-8s %-10s nothing is built of it yet\n' 'left out' "$1"; }

# stage_spoil NAME REASON turns a stage that seemed well into one that did not run.
stage_spoil() {
  [[ ${STAGE_STATE[$1]} == ok ]] || return 0
  STAGE_STATE[$1]='NOT RUN'
  STAGE_NOTE[$1]=$2
}

# stages_summary prints every stage again, then the count of all tests, and is 1
# if a stage failed or could not run.
stages_summary() {
  local name passed=0 failed=0 skipped=0 p f s
  printf '\n'
  for name in "${STAGE_ORDER[@]}"; do
    printf '%-8s %-10s %s\n' "${STAGE_STATE[$name]}" "$name" "${STAGE_NOTE[$name]}"
    p=0 f=0 s=0
    [[ ! -s $TMP/counts.$name ]] || read -r p f s _ <"$TMP/counts.$name"
    # A stage without tests of its own counts as one check.
    if [[ ${STAGE_STATE[$name]} == ok ]]; then
      ((p > 0)) || p=1
    else
      ((f > 0)) || f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  done
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
}
