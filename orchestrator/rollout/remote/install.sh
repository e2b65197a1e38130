# Tells what the installation of a package would do on this host, or installs it, without starting its service: its first start
# is a rollout's.  sh -c reads this whole text first.  Then stdin holds a line, as for errand.sh:
#
#   0 SECONDS PROGRAM look PACKAGE UNIT BINARY     what would come and go, by apt-get's simulation
#   0 SECONDS PROGRAM mend PACKAGE UNIT BINARY     the same, once an installation that was cut short there has been ended
#   0 SECONDS PROGRAM install PACKAGE=VERSION UNIT BINARY [FORMER=VERSION FORMER-UNIT]
#   0 SECONDS PROGRAM settle PACKAGE UNIT BINARY   after the rollout: one of the two packages goes
#
# FORMER is the package of the daemon that has the place: Debian's packages of time daemons exclude each other by the name
# `time-daemon`.  Until the rollout is over, both are there: FORMER is installed anew, by its own package without that name, while
# its daemon runs on.  So what the rollout does, and undoes, finds both, whatever crashes; dpkg and apt agree with what is
# there; and FORMER's package as it was is kept in $place for the way back.
#
# It answers with a record "said": its first word is there (nothing is to be done), plan (and lines: of the simulation, and for
# each package that would go "Have NAME VERSION" or "Lacks NAME VERSION", whether it could be had again, and "Named NAME" when the
# new one excludes it by its own name; "Beside NAME VERSION" is a FORMER that is not settled), done, none (no apt-get and dpkg with
# systemd), or error with words.
# Before this text timetier sets $top, which is empty except in tests.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
DEBIAN_FRONTEND=noninteractive
export PATH LC_ALL DEBIAN_FRONTEND
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS APT_CONFIG
umask 022
set -f

# What is under way: `unit` says whose mask is ours, `pair` which two packages are beside each other, former.deb is the way back.
place=$top/var/lib/timetier/install
lock=$top/run/timetier-install.lock
policy=$top/usr/sbin/policy-rc.d
mark=+timetier # ends the version of a FORMER that is beside another

tell() { # TEXT
	said=$1
	[ ${#said} -le 60000 ] || said=$(printf %.60000s "$said")
	printf '%d said\n%s\n' "${#said}" "$said" 2>/dev/null
	exit 0
}

is_installed() { # PACKAGE
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_there() {
	is_installed "${package%%=*}" && return
	[ -x "$top$binary" ] && ! dpkg-query -S "$binary" >/dev/null 2>&1 # of no package: somebody built it
}

version_of() { # PACKAGE
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null
}

# Set $pair_package, $pair_unit, $pair_former and $pair_former_unit.
pair() {
	read -r pair_package pair_unit pair_former pair_former_unit 2>/dev/null <"$place/pair" && [ -n "$pair_former_unit" ]
}

# --- what it would do ---

# Tell of each package that would go whether it could come again.
tell_gone() { # NAME...
	excluded=" $(apt-cache show "$package" 2>/dev/null | sed -n '/^\(Conflicts\|Breaks\):/{s/^[^:]*://; s/([^)]*)//g; s/,/ /g; p}' | tr '\n' ' ') "
	for name; do
		has=$(version_of "$name")
		word=Lacks
		! (cd / && apt-get -q download --print-uris "$name=$has") >/dev/null 2>&1 || word=Have
		echo "$word $name $has"
		case $excluded in *" $name "*) echo "Named $name" ;; esac
	done
}

tell_beside() {
	pair && is_installed "$pair_former" || return 0
	has=$(version_of "$pair_former")
	echo "Beside $pair_former ${has%"$mark"}"
}

look() {
	! is_cut_short || tell "error an installation was cut short there: \`timetier apply --install\` goes on with it"
	if is_there; then
		said=$(tell_beside)
		[ -n "$said" ] || tell there
		tell "plan
$said"
	fi
	said=$(timeout "$seconds" apt-get -s -q -o Debug::NoLocking=1 -o APT::Get::Show-User-Simulation-Note=0 \
		--no-install-recommends install "$package" </dev/null 2>&1) || tell "error $(printf '%s\n' "$said" | tail -n 3)"
	said=$(printf '%s\n' "$said" | grep -E '^(Inst|Remv) ')
	tell "plan
$(printf '%s\n' "$said" && tell_gone $(printf '%s\n' "$said" | sed -n 's/^Remv \([^ ]*\).*/\1/p') && tell_beside)"
}

# --- under way ---

# One at a time.  What is begun here has the lock open, too: it is held as long as dpkg works.
alone() {
	command exec 9>>"$lock" && flock -w 10 9 || tell "error another installation is at work there"
}

is_cut_short() {
	[ -s "$place/unit" ] && flock -n "$lock" true
}

apt() { # WORD...
	apt-get -q -y --no-remove --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=60 -o APT::Sandbox::User=root \
		-o Dpkg::Options::=--force-confold "$@" </dev/null 2>&1
}

# Remove a package, and nothing else: dpkg refuses when another one needs it.
drop() { # PACKAGE
	for try in 1 2 3 4 5 6; do
		said=$(dpkg --remove "$1" </dev/null 2>&1) && return
		case $said in *lock*) sleep 10 ;; *) return 1 ;; esac
	done
	return 1
}

# Keep the scripts of packages from starting, stopping or restarting these units, as long as this script and its commands live.
still() { # UNIT...
	names=
	for at; do
		names="$names${names:+|}${at%.service}|$at"
	done
	if [ -e "$policy" ] && ! grep -q "$lock" "$policy"; then
		for at; do
			"$policy" "$at" restart >/dev/null 2>&1
			[ $? = 101 ] || { said="there is a $policy of your own, which would let $at be restarted" && return 1; }
		done
		return 0
	fi
	mkdir -p "${policy%/*}" && echo "#!/bin/sh
# for a moment: timetier brings another time daemon, while the old one runs on
flock -n $lock true 2>/dev/null && exit 0
case \$1 in $names) exit 101 ;; esac" >"$policy" && chmod 755 "$policy" || { said="$policy cannot be written" && return 1; }
}

# Take the mask away that was ours.  It ends in no other way than with the unit disabled.
unmask() { # UNIT
	left=$(systemctl unmask "$1" 2>&1 && { systemctl cat "$1" >/dev/null 2>&1 || exit 0; } && systemctl disable "$1" 2>&1) ||
		return
	rm -f "$place/unit"
	[ ! -e "$policy" ] || ! grep -q "$lock" "$policy" || rm -f "$policy"
}

# End what was cut short: dpkg may be in the midst of a package, whose unit is masked still.
mend() {
	read -r cut 2>/dev/null <"$place/unit" && [ -n "$cut" ] || return 0
	trap '' HUP INT TERM PIPE
	pair_former_unit=
	pair || :
	still "$cut" $pair_former_unit || tell "error $said"
	said=$(systemctl mask "$cut" 2>&1 && dpkg --force-confold --configure -a </dev/null 2>&1) || tell "error an installation was cut short there: $(printf '%s\n' "$said" | tail -n 3)"
	unmask "$cut" || tell "error $cut cannot be disabled: $left"
}

# Make of a package one that does not exclude other time daemons.
loosen() { # DEB NEW-DEB
	rm -rf "$place/tree"
	dpkg-deb -R "$1" "$place/tree" && awk -v mark="$mark" '
function close_field(    count, i, item, kept) {
	count = name == "" ? 0 : split(text, item, ",")
	for (i = 1; i <= count; i++) {
		gsub(/^[ \t]+|[ \t]+$/, "", item[i])
		if (item[i] != "" && item[i] !~ /^time-daemon( |\(|$)/) { kept = kept (kept == "" ? "" : ", ") item[i] }
	}
	if (kept != "") { print name ": " kept }
	name = ""
}
/^[ \t]/ && name != "" { text = text $0; next }
{ close_field() }
/^(Provides|Conflicts|Replaces|Breaks):/ { name = substr($0, 1, index($0, ":") - 1); text = substr($0, index($0, ":") + 1); next }
/^Version:/ { $0 = $0 mark }
{ print }
END { close_field() }' "$place/tree/DEBIAN/control" >"$place/control" && cat "$place/control" >"$place/tree/DEBIAN/control" &&
		dpkg-deb -Znone -b "$place/tree" "$2" || return
	rm -rf "$place/tree" "$place/control"
}

# Have FORMER's package, and the one that can be beside another.
fetch() {
	rm -rf "$place/deb"
	said=$(mkdir -p "$place/deb" && cd "$place/deb" && timeout 600 apt-get -q -o APT::Sandbox::User=root download "$former" 2>&1) || return
	set +f
	set -- "$place"/deb/*.deb
	set -f
	said="$former did not come" && [ -f "$1" ] && said=$(mv "$1" "$place/former.deb" 2>&1) && rmdir "$place/deb" &&
		said=$(loosen "$place/former.deb" "$place/loose.deb" 2>&1) && still "$unit" "$former_unit" &&
		echo "${package%%=*} $unit ${former%%=*} $former_unit" >"$place/pair" && sync "$place/former.deb" "$place/pair" "$place"
}

# FORMER alone again, as its package is, while its daemon runs on.
give_back() {
	still "$pair_unit" "$pair_former_unit" || return
	! is_installed "$pair_package" || drop "$pair_package" || return
	case $(version_of "$pair_former") in
	*"$mark") said=$(apt --allow-downgrades install "$place/former.deb") || return ;;
	esac
	rm -rf "$place"
	! grep -qs "$lock" "$policy" || rm -f "$policy"
}

fail() { # WHY
	if pair; then
		why=$1
		give_back || tell "error $why; and $pair_former is not as it was: $(printf '%s\n' "$said" | tail -n 3)"
		tell "error $why"
	fi
	rm -rf "$place"
	tell "error $1"
}

# The unit is masked meanwhile: a mask outlives a crash and a boot, so that no start is by the package's own configuration.
install() {
	alone
	mend
	! is_there || tell there
	case $(systemctl is-enabled "$unit" 2>/dev/null) in masked*) tell "error $unit is masked there: \`systemctl unmask $unit\` first, if it was not meant" ;; esac
	trap '' HUP INT TERM PIPE # dpkg must not be cut short
	said=$(mkdir -p -m 700 "$place" 2>&1 && echo "$unit" >"$place/unit" && sync "$place/unit" "$place") || tell "error $said"
	said=$(systemctl mask "$unit" 2>&1) || fail "$unit cannot be masked: $said"
	loose=
	if [ -n "$former" ] && ! pair; then
		fetch || { why=$(printf '%s\n' "$said" | tail -n 3) && unmask "$unit" && fail "$former cannot be kept for the way back: $why"; }
	fi
	[ ! -e "$place/loose.deb" ] || loose=$place/loose.deb
	said=$(apt install $loose "$package")
	failed=$?
	unmask "$unit" || tell "error $unit cannot be disabled: $left"
	[ $failed = 0 ] || fail "$(printf '%s\n' "$said" | tail -n 4)"
	! systemctl is-active --quiet "$unit" || tell "error $unit was started by its package"
	pair || rm -rf "$place"
	tell "done"
}

# After the rollout: whose daemon runs, that package stays.
settle() {
	alone
	mend
	pair || tell there
	[ ! -e "$top/var/lib/timetier/change" ] || tell "error a change is at work there"
	trap '' HUP INT TERM PIPE
	has=$(version_of "$pair_former")
	has=${has%"$mark"}
	if ! systemctl is-active --quiet "$pair_unit"; then
		give_back || tell "error $pair_former is not as it was: $(printf '%s\n' "$said" | tail -n 3)"
		tell "done $pair_package is removed again, $pair_former $has is as it was"
	fi
	! systemctl is-active --quiet "$pair_former_unit" || tell "error $pair_former_unit runs beside $pair_unit, so its package stays"
	! is_installed "$pair_former" || drop "$pair_former" || tell "error $pair_former cannot be removed: $said"
	rm -rf "$place"
	tell "done $pair_former $has is removed"
}

printf '%s\n' "timetier-records 1"
read -r length seconds program verb package unit binary former former_unit || exit
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && [ -d "$top/run/systemd/system" ] || tell none
[ "$(id -u)" = 0 ] || tell "error the login is not root: set \`ssh: {sudo: true}\` for it"
case $verb in
look) look ;;
mend)
	[ ! -s "$place/unit" ] || { alone && mend && command exec 9>&-; }
	look
	;;
install) install ;;
settle) settle ;;
esac
