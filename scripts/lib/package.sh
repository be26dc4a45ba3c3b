# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The packages as people install them: built by scripts/release, judged, and put into a
# clean Debian made by debootstrap, from wherever apt takes its packages here. Nothing of
# it touches the machine itself. Tests of Go whose names begin with TestPackage meet the
# proxies that were installed there.

PACKAGE_OK=0
PACKAGE_SKIPPED=0

# check WORDS… -- COMMAND… counts a check that must go well.
check() {
  local words=()
  while [[ $1 != -- ]]; do words+=("$1") && shift; done
  shift
  "$@" || { printf 'not so: %s\n' "${words[*]}" && return 1; }
  PACKAGE_OK=$((PACKAGE_OK + 1))
}

# pass_over WORDS… says what was not looked at, and why.
pass_over() {
  printf 'skipped: %s\n' "$*"
  PACKAGE_SKIPPED=$((PACKAGE_SKIPPED + 1))
}

# inside COMMAND… runs it in the clean root.
inside() {
  chroot "$CLEAN" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

# package_root makes the clean root, in a space of mounts that goes with it.
package_root() {
  local mirror suite
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  # shellcheck disable=SC2016
  suite=$(apt-get indextargets --format '$(CODENAME)' 'Created-By: Packages' | head -n 1)
  [[ -n $mirror && -n $suite ]] || return 1
  http_proxy=$(apt-config shell P Acquire::http::Proxy | sed "s/^P='\(.*\)'$/\1/") \
    unshare --mount --propagation private \
    timeout 300 debootstrap --variant=minbase --include=nginx-light,caddy "$suite" "$CLEAN" "$mirror" >"$TMP/debootstrap.log" 2>&1
}

# package_clean is whether there is a clean root; where not, a line says why.
package_clean() {
  CLEAN=$TMP/clean
  if [[ $EUID != 0 ]]; then
    pass_over 'the packages were not installed: debootstrap wants root'
    return 1
  fi
  command -v debootstrap >/dev/null || apt_install debootstrap >"$TMP/apt.log" 2>&1 || true
  if ! command -v debootstrap >/dev/null || ! package_root; then
    tail -n 5 "$TMP/debootstrap.log" 2>/dev/null || true
    pass_over 'the packages were not installed: debootstrap cannot make a clean root here'
    return 1
  fi
  # As in every container: nobody starts a service.
  printf '#!/bin/sh\nexit 101\n' >"$CLEAN/usr/sbin/policy-rc.d"
  chmod +x "$CLEAN/usr/sbin/policy-rc.d"
}

# package_serve COMMAND… runs a server until it says that it is ready; SERVED is its number.
package_serve() {
  "$@" >"$TMP/served.log" 2>&1 &
  SERVED=$!
  local _
  for _ in {1..600}; do
    ! grep -q '^ready ' "$TMP/served.log" || return 0
    kill -0 "$SERVED" 2>/dev/null || break
    sleep 0.1
  done
  cat "$TMP/served.log"
  return 1
}

# package_end ends it in an orderly way.
package_end() {
  kill -TERM "$SERVED"
  wait "$SERVED"
}

# as_minga COMMAND… is what an admin types behind sudo -u minga.
as_minga() { inside setpriv --reuid minga --regid minga --clear-groups -- "$@"; }

# package_life installs, runs, upgrades, removes and purges the .deb.
package_life() {
  local old=$1 new=$2 port=$((20000 + RANDOM % 12000))
  cp "$old" "$CLEAN/tmp/old.deb"
  cp "$new" "$CLEAN/tmp/new.deb"
  check it installs -- inside dpkg -i /tmp/old.deb
  check the data folder is closed -- test "$(inside stat -c "%a %U" /var/lib/minga)" = "700 minga"
  check the manual is there -- test -s "$CLEAN/usr/share/man/man1/minga.1.gz"
  check each part came with its licence -- licences_are_whole "$CLEAN/usr/share/doc/minga"
  check the unit is there -- test -s "$CLEAN/usr/lib/systemd/system/minga.service"
  # shellcheck disable=SC2016 # for the bash inside
  check bash completes -- inside bash -c '. /usr/share/bash-completion/completions/minga && COMP_WORDS=(minga acc) COMP_CWORD=1 && _minga && [[ ${COMPREPLY[0]} == account ]]'
  printf 'host = "package.localhost:%d"\ndev = "1"\nscheme = "http"\nlisten = "127.0.0.1:%d"\nadmin_listen = ""\n' "$port" "$port" >>"$CLEAN/etc/minga/minga.toml"
  check it serves -- package_serve chroot --userspec=minga:minga "$CLEAN" /usr/bin/minga serve
  check it is healthy -- as_minga minga healthcheck
  check an account is made -- as_minga minga account create telar --kind coop
  check root is told who runs it -- root_is_refused
  check it ends -- package_end
  check it is upgraded -- inside dpkg -i --force-confold /tmp/new.deb
  check settings are kept -- grep -q 'package.localhost' "$CLEAN/etc/minga/minga.toml"
  check data are kept -- as_minga minga account show telar
  check it is removed -- inside dpkg -r minga
  check the program is gone -- test ! -e "$CLEAN/usr/bin/minga"
  check settings stay -- test -e "$CLEAN/etc/minga/minga.toml"
  check it is purged and asks nobody -- inside dpkg -P minga
  check data stay where nobody said yes -- test -s "$CLEAN/var/lib/minga/minga.db"
  check settings are gone -- test ! -e "$CLEAN/etc/minga/minga.toml"
  check it installs over kept data -- inside dpkg -i /tmp/new.deb
  check debconf hears yes -- inside sh -c 'echo minga minga/purge-data boolean true | debconf-set-selections'
  check it is purged -- inside dpkg -P minga
  check data are gone -- test ! -e "$CLEAN/var/lib/minga"
  check the user is gone -- test -z "$(grep '^minga:' "$CLEAN/etc/passwd")"
}

# package_older NEW OLD makes a package of the version before, with other settings.
package_older() {
  dpkg-deb -R "$1" "$TMP/older"
  sed -i 's/^Version: .*/Version: 0.0.9/' "$TMP/older/DEBIAN/control"
  printf '# as it was before\n' >>"$TMP/older/etc/minga/minga.toml"
  (cd "$TMP/older" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb -Znone --root-owner-group -b "$TMP/older" "$2" >/dev/null
}

# licences_are_whole FOLDER: of all in the list of parts but itself, minga and Go's own library.
licences_are_whole() {
  [[ $(grep -c '^== .* v' "$1/licences.txt") -ge $(($(grep -c '"SPDXID"' "$1/sbom.spdx.json") - 3)) ]]
}

# root_is_refused: files of root in the data folder would stop the service.
root_is_refused() {
  local rc=0
  inside minga account list >/dev/null 2>"$TMP/root.log" || rc=$?
  [[ $rc == 2 ]] && grep -q 'sudo -u minga' "$TMP/root.log"
}

# package_scratch runs the program where there is nothing else, as the container does.
package_scratch() {
  local bare=$TMP/bare port=$((20000 + RANDOM % 12000))
  mkdir -p "$bare/data"
  cp "$1" "$bare/minga"
  chown 65532:65532 "$bare/data"
  chmod 700 "$bare/data"
  local -a within=(env -i PATH=/ MINGA_DATA_DIR=/data "MINGA_LISTEN=:$port" MINGA_ADMIN_LISTEN= "MINGA_HOST=bare.localhost:$port"
    MINGA_DEV=1 MINGA_SCHEME=http MINGA_TIMEZONE=Europe/Rome "$(command -v chroot)" --userspec=65532:65532 "$bare" /minga)
  check it serves with nothing around it -- package_serve "${within[@]}" serve
  check its own health is asked -- "${within[@]}" healthcheck
  check it ends -- package_end
}

# package_rpm looks at the .rpm as rpm reads it.
package_rpm() {
  if ! command -v rpm >/dev/null && ! { apt_install rpm >"$TMP/apt.log" 2>&1 && command -v rpm >/dev/null; }; then
    pass_over 'the .rpm was not read: there is no rpm'
    return 0
  fi
  check the rpm is whole -- rpm -K --nosignature "$1"
  check the rpm has the program -- test -n "$(rpm -qpl "$1" | grep -x /usr/bin/minga)"
  check the rpm keeps settings -- test -n "$(rpm -qpc "$1" | grep -x /etc/minga/minga.toml)"
  check the rpm makes the user -- test -n "$(rpm -qp --scripts "$1" | grep 'useradd --system')"
}

# package_all builds, judges and installs.
package_all() {
  local out=$TMP/packages
  need_command dpkg-deb dpkg
  need_command systemd-analyze systemd
  need_go_tool nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm v2.43.4
  VERSION=0.1.0 SOURCE_DATE_EPOCH=1700000000 scripts/release --quick "$out"
  (cd "$out" && check the sums agree -- sha256sum --quiet -c SHA256SUMS)
  package_rpm "$(ls "$out"/*.rpm)"
  mkdir -p "$TMP/untarred"
  tar -C "$TMP/untarred" --strip-components=1 -xf "$(ls "$out"/*linux*.tar.gz)"
  if package_clean; then
    package_older "$(ls "$out"/*.deb)" "$TMP/older.deb"
    package_life "$TMP/older.deb" "$(ls "$out"/*.deb)"
    package_scratch "$TMP/untarred/minga"
    export MINGA_TEST_ROOT=$CLEAN MINGA_TEST_PROGRAM=$TMP/untarred/minga
  fi
  [[ -d /run/systemd/system ]] || pass_over 'the service was not started: systemd does not run here'
  package_go
}

# package_go runs the tests of Go that want what was built and installed here.
package_go() {
  need_go_tool pebble github.com/letsencrypt/pebble/v2/cmd/pebble v2.8.0
  MINGA_TEST_PEBBLE=$(command -v pebble)
  export MINGA_TEST_PEBBLE
  local p f s
  go build -o "$TMP/testsum" ./scripts/testsum
  go test -json -vet=off -count=1 -timeout=5m -run '^TestPackage' ./cmd/minga |
    "$TMP/testsum" -counts "$TMP/counts.go-package" -log "$TMP/package.json"
  read -r p f s _ <"$TMP/counts.go-package"
  printf '%d tests in scripts/lib/package.sh: %d passed, 0 failed, %d skipped\n' "$((PACKAGE_OK + PACKAGE_SKIPPED))" "$PACKAGE_OK" "$PACKAGE_SKIPPED"
  printf '%d %d %d\n' $((p + PACKAGE_OK)) "$f" $((s + PACKAGE_SKIPPED)) >"$TMP/counts.package"
}
