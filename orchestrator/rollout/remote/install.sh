# Tells what the installation of a package would do on this host, or installs it, without starting its service: its first start
# is a rollout's.  sh -c reads this whole text first.  Then stdin holds a line, as for errand.sh:
#
#   0 SECONDS PROGRAM look PACKAGE UNIT BINARY     what would come and go, by apt-get's simulation
#   0 SECONDS PROGRAM install PACKAGE=VERSION UNIT BINARY
#
# It answers with a record "said": its first word is there (nothing is to be done), plan (and lines of the simulation), done,
# none (no apt-get and dpkg with systemd), or error with words.
# Before this text timetier sets $top, which is empty except in tests.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
DEBIAN_FRONTEND=noninteractive
export PATH LC_ALL DEBIAN_FRONTEND
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS APT_CONFIG
umask 022
set -f

tell() { # TEXT
	said=$1
	[ ${#said} -le 60000 ] || said=$(printf %.60000s "$said")
	printf '%d said\n%s\n' "${#said}" "$said" 2>/dev/null
	exit 0
}

is_there() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "${package%%=*}" 2>/dev/null)" = installed ] && return
	[ -x "$top$binary" ] && ! dpkg-query -S "$binary" >/dev/null 2>&1 # of no package: somebody built it
}

look() {
	! is_there || tell there
	said=$(timeout "$seconds" apt-get -s -q -o Debug::NoLocking=1 -o APT::Get::Show-User-Simulation-Note=0 \
		--no-install-recommends install "$package" </dev/null 2>&1) || tell "error $(printf '%s\n' "$said" | tail -n 3)"
	tell "plan
$(printf '%s\n' "$said" | grep -E '^(Inst|Remv) ')"
}

# The unit is masked meanwhile: a mask outlives a crash and a boot, so that no start is by the package's own configuration.
# It ends in no other way than with the unit disabled.
install() {
	! is_there || tell there
	case $(systemctl is-enabled "$unit" 2>/dev/null) in masked*) tell "error $unit is masked there: \`systemctl unmask $unit\` first, if it was not meant" ;; esac
	trap '' HUP INT TERM PIPE # dpkg must not be cut short
	said=$(systemctl mask "$unit" 2>&1) || tell "error $unit cannot be masked: $said"
	said=$(apt-get -q -y --no-remove --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=60 \
		-o Dpkg::Options::=--force-confold install "$package" </dev/null 2>&1)
	failed=$?
	left=$(systemctl unmask "$unit" 2>&1 && { systemctl cat "$unit" >/dev/null 2>&1 || exit 0; } && systemctl disable "$unit" 2>&1) ||
		tell "error $unit cannot be disabled: $left"
	[ $failed = 0 ] || tell "error $(printf '%s\n' "$said" | tail -n 4)"
	! systemctl is-active --quiet "$unit" || tell "error $unit was started by its package"
	tell "done"
}

printf '%s\n' "timetier-records 1"
read -r length seconds program verb package unit binary || exit
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && [ -d "$top/run/systemd/system" ] || tell none
[ "$(id -u)" = 0 ] || tell "error the login is not root: set \`ssh: {sudo: true}\` for it"
case $verb in
look) look ;;
install) install ;;
esac
