#!/bin/bash
# build-agent.sh OUT: build timetier-agent for Debian 11 and everything newer, in an image of Debian 11.
#
# The agent must run on every host of a site, and the oldest host has an older libc than the machine that builds. The
# image is one of the lab's (tests/fleet/lab) and is made once. Objects are kept beside OUT, so that only what changed is
# built. Needs root.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:?usage: build-agent.sh OUT}")
newest=GLIBC_2.31 # Debian 11's

[ "$(id -u)" = 0 ] || { echo "build-agent.sh: needs root" >&2; exit 1; }
# Mount in a namespace of our own: the mounts end with the script, however it ends.
[ "${IN_NAMESPACE:-}" = 1 ] || IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"

images=$(realpath -m "${LAB_IMAGES:-/var/tmp/timetier-lab/image}")
"$top/tests/fleet/lab" image bullseye/build-agent
objects=$(dirname "$out")/../deb11
mkdir -p "$objects" "$(dirname "$out")"
objects=$(realpath "$objects")
work=$(mktemp -d /var/tmp/build-agent.XXXXXX)
trap 'umount -R "$work/root" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/up" "$work/work" "$work/root"
mount -t overlay overlay -o \
	"lowerdir=$images/bullseye+build-agent:$images/bullseye,upperdir=$work/up,workdir=$work/work" "$work/root"
mkdir "$work/root/src" "$work/root/out"
mount --bind -o ro "$top" "$work/root/src"
mount --bind "$objects" "$work/root/out"
# WERROR= : only warnings of the newer compilers must fail a build, not those of this old one.
built=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || true)}
chroot "$work/root" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 ${built:+SOURCE_DATE_EPOCH=$((built / 86400 * 86400))} \
	make --no-print-directory -C /src -j"$(nproc)" BUILD=/out WERROR= CC=gcc /out/bin/timetier-agent </dev/null

needs=$(objdump -T "$objects/bin/timetier-agent" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
[ "$(printf '%s\n%s\n' "$needs" $newest | sort -V | tail -n 1)" = $newest ] ||
	{ echo "build-agent.sh: the agent needs $needs, Debian 11 has $newest" >&2; exit 1; }
objdump -p "$objects/bin/timetier-agent" | awk '/NEEDED/ && $2 !~ /^(libc|libpthread|libdl|libm|librt|ld-linux.*)\.so/ {
	print "build-agent.sh: the agent needs " $2 ", which a host may not have"; bad = 1 } END { exit bad }' >&2
chown --reference="$top/Makefile" -R "$objects"
install -m 755 "$objects/bin/timetier-agent" "$out.new"
mv "$out.new" "$out"
