# A part of lab: the images that hosts are booted from, one for each suite, and a layer over it for each daemon.

# Print the Debian mirror of the machine's own apt sources; nothing if there is none: debootstrap knows one.
mirror() {
	[ -z "${LAB_MIRROR:-}" ] || { echo "$LAB_MIRROR"; return; }
	sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | grep -m1 'debian/\?$' || true
}

make_base() { # SUITE
	local base=$IMAGES/$1
	[ ! -f "$base.done" ] || return 0
	echo "lab: making image $1" >&2
	rm -rf "$base"
	# shellcheck disable=SC2046
	debootstrap --variant=minbase \
		--include=systemd,systemd-sysv,dbus,openssh-server,iproute2,procps,sudo \
		"$1" "$base" $(mirror) >"$base.log" 2>&1 </dev/null || die "debootstrap $1 failed: see $base.log"
	chroot "$base" apt-get clean
	touch "$base.done"
}

packages() { # DAEMON: the Debian packages of a layer
	case $1 in
	build-agent) echo gcc make libc6-dev libuv1-dev libjansson-dev libssl-dev ;;
	*) echo "$1" ;;
	esac
}

make_layer() { # SUITE DAEMON
	local base=$IMAGES/$1 layer=$IMAGES/$1+$2 root
	[ ! -f "$layer.done" ] || return 0
	echo "lab: making image $1/$2" >&2
	root=$layer.root
	umount "$root" 2>/dev/null || true
	rm -rf "$layer" "$layer.work" "$root"
	mkdir -p "$layer" "$layer.work" "$root"
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer,workdir=$layer.work" "$root" ||
		die "$IMAGES: its file system cannot hold an overlay; set LAB and LAB_IMAGES to one that can"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	echo 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";' >"$root/etc/apt/apt.conf.d/99lab"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	chroot "$root" sh -c "apt-get update &&
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(packages "$2") && apt-get clean" \
		>"$layer.log" 2>&1 </dev/null || {
		umount "$root"
		die "apt-get install $2 in $1 failed: see $layer.log"
	}
	rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"
	umount "$root"
	rm -rf "$layer.work" "$root"
	touch "$layer.done"
}

make_image() { # SUITE DAEMON
	make_base "$1"
	[ "$2" = none ] || make_layer "$1" "$2"
}

is_made() { # SUITE DAEMON
	[ -f "$IMAGES/$1.done" ] && { [ "$2" = none ] || [ -f "$IMAGES/$1+$2.done" ]; }
}

image() { # SUITE/DAEMON
	local suite=${1%%/*} daemon=${1#*/}
	case $1 in */*) ;; *) die "an image is SUITE/DAEMON, not $1" ;; esac
	! is_made "$suite" "$daemon" || return 0
	mkdir -p "$IMAGES"
	locked "$IMAGES/$suite.lock" make_image "$suite" "$daemon"
}

images() { # SUITE/DAEMON...: make several suites at the same time, but the layers of one suite one after the other
	local suite kind pids=() failed=0 missing=()
	for kind in "$@"; do is_made "${kind%%/*}" "${kind#*/}" || missing+=("$kind"); done
	[ ${#missing[@]} -gt 0 ] || return 0
	set -- "${missing[@]}"
	for suite in $(printf '%s\n' "$@" | cut -d/ -f1 | sort -u); do
		(for kind in "$@"; do [ "${kind%%/*}" != "$suite" ] || image "$kind"; done) &
		pids+=($!)
	done
	for suite in "${pids[@]}"; do wait "$suite" || failed=1; done
	[ $failed = 0 ] || exit 1
}
