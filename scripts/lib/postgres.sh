# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A PostgreSQL cluster for one run of the tests: on a free loopback port, without
# fsync, gone afterwards. PostgreSQL refuses to run as root, so root lends it to
# the user that the package made.

PG_USER=
PG_BIN=
PG_ROOM=
PG_DATA=

# pg_as COMMAND… runs one of PostgreSQL's programs as its user.
pg_as() {
  if [[ -n $PG_USER ]]; then
    (cd / && runuser -u "$PG_USER" -- "$@")
  else
    "$@"
  fi
}

# postgres_find sets PG_BIN to the newest server that is installed.
postgres_find() {
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/local/pgsql/bin | sort -V); do
    [[ ! -x $dir/initdb || ! -x $dir/postgres ]] || PG_BIN=$dir
  done
  [[ -n $PG_BIN ]]
}

# postgres_install installs Debian's package. It makes a cluster of its own and
# starts it; that one is not wanted and goes again.
postgres_install() {
  apt_install postgresql
  if command -v pg_dropcluster >/dev/null; then
    pg_lsclusters -h | while read -r version name _; do
      as_root pg_dropcluster --stop "$version" "$name" </dev/null || true
    done
  fi
}

# postgres_room makes the folder of the cluster and prints it: in memory where there is room,
# since many hundred tests make a database of three hundred files each, which is most of
# their time on a slow disk; on the disk where that is what counts (PG_DURABLE).
postgres_room() {
  local room memory
  room=$(df --output=avail -B1G /dev/shm 2>/dev/null | tail -n 1) || room=0
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  if [[ -z ${PG_DURABLE:-} ]] && ((room >= 3 && memory >= 7)); then
    mktemp -d /dev/shm/minga-postgres.XXXXXX && return
  fi
  mkdir -p "$TMP/pg"
  printf '%s\n' "$TMP/pg"
}

# postgres_start starts the cluster and sets MINGA_TEST_POSTGRES to the URL of a
# role that may create databases.
postgres_start() {
  postgres_find || postgres_install || true
  postgres_find || { echo 'could not run: no PostgreSQL is here, and none could be installed' && return 1; }
  local password
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  PG_ROOM=$(postgres_room)
  PG_DATA=$PG_ROOM/data
  printf '%s\n' "$password" >"$PG_ROOM/password"
  if [[ $EUID == 0 ]]; then
    PG_USER=postgres
    id "$PG_USER" >/dev/null 2>&1 || PG_USER=nobody
    chown -R "$PG_USER" "$PG_ROOM"
  fi
  pg_as "$PG_BIN/initdb" -D "$PG_DATA" -U minga -A scram-sha-256 --pwfile="$PG_ROOM/password" -E UTF8 --locale=C.UTF-8 -N >/dev/null || return 1
  local port _
  for _ in {1..10}; do
    port=$((20000 + RANDOM % 12000))
    postgres_try "$port" || continue
    export MINGA_TEST_POSTGRES="postgres://minga:$password@127.0.0.1:$port/postgres?sslmode=disable"
    return 0
  done
  tail -n 20 "$PG_ROOM/log"
  return 1
}

# postgres_try PORT starts the server there. Nothing here need outlive a crash, unless
# PG_DURABLE says so: what is measured must cost what it costs where it is kept.
postgres_try() {
  local -a care=(-o "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_wal_size=256MB")
  [[ -z ${PG_DURABLE:-} ]] || care=()
  pg_as "$PG_BIN/pg_ctl" -D "$PG_DATA" -l "$PG_ROOM/log" -w -t 60 -s start \
    -o "-p $1 -h 127.0.0.1 -k $PG_ROOM" ${care[@]+"${care[@]}"} \
    -o "-c max_connections=300 -c shared_buffers=${PG_BUFFERS:-128MB} -c jit=off"
}

# postgres_stop ends the cluster, if there is one, and gives its memory back.
postgres_stop() {
  if [[ -n $PG_DATA && -f $PG_DATA/postmaster.pid ]]; then
    pg_as "$PG_BIN/pg_ctl" -D "$PG_DATA" -m immediate -w -t 30 -s stop
  fi
  [[ $PG_ROOM != /dev/shm/* ]] || rm -rf "$PG_ROOM"
}

# postgres_was_tested STAGE tells whether any test of the stage ran there.
postgres_was_tested() {
  local onPostgres=0
  [[ ! -s $TMP/counts.$1 ]] || read -r _ _ _ onPostgres <"$TMP/counts.$1"
  ((onPostgres > 0)) || [[ -n ${MINGA_TEST_RUN:-} ]]
}
