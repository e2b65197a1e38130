# A part of lab: the images that hosts are booted from, one for each suite, and a layer over it for each daemon.  lab_like.sh makes
# the layers of distributions that are not Debian.

# Print the Debian mirror of the machine's own apt sources; nothing if there is none: debootstrap knows one.
mirror() {
	[ -z "${LAB_MIRROR:-}" ] || { echo "$LAB_MIRROR"; return; }
	sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | grep -m1 'debian/\?$' || true
}

# Print the suite whose image is below this one: itself, for a suite of Debian.
below() { # SUITE DAEMON
	case $1/$2 in
	rhel-like/ntp | suse-like/ntp) echo bullseye ;; # the last Debian that has the program
	rhel-like/* | suse-like/*) echo bookworm ;;
	*) echo "$1" ;;
	esac
}

# Set layer to the name of the layer that a host has over that image; to nothing if it has none.
layer_of() { # SUITE DAEMON
	layer=$1+$2
	[ "$2" != none ] || [ "$(below "$1" none)" != "$1" ] || layer=''
}

# openrc is Debian 12 without anything of systemd.
make_base() { # SUITE
	local base=$IMAGES/$1 suite=$1 init=systemd,systemd-sysv,dbus,
	[ ! -f "$base.done" ] || return 0
	[ "$1" != openrc ] || suite=bookworm init=''
	echo "lab: making image $1" >&2
	rm -rf "$base"
	# shellcheck disable=SC2046
	debootstrap --variant=minbase --include="${init}openssh-server,iproute2,procps,sudo" \
		"$suite" "$base" $(mirror) >"$base.log" 2>&1 </dev/null || die "debootstrap $1 failed: see $base.log"
	[ "$1" != openrc ] || add_openrc "$base"
	chroot "$base" apt-get clean
	touch "$base.done"
}

packages() { # SUITE DAEMON: the Debian packages of a layer
	case $1/$2 in
	*/build-agent) echo gcc make libc6-dev libuv1-dev libjansson-dev libssl-dev ;;
	rhel-like/chrony | suse-like/chrony | openrc/chrony) echo libcap2 libedit2 libgnutls30 libnettle8 libseccomp2 ;;
	*/none) ;;
	*) echo "$2" ;;
	esac
}

mount_layer() { # BASE LAYER
	umount "$2.root" 2>/dev/null || true
	rm -rf "$2" "$2.work" "$2.root"
	mkdir -p "$2" "$2.work" "$2.root"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$2.work" "$2.root" ||
		die "$IMAGES: its file system cannot hold an overlay; set LAB and LAB_IMAGES to one that can"
	cp -L /etc/resolv.conf "$2.root/etc/resolv.conf"
	echo 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";' >"$2.root/etc/apt/apt.conf.d/99lab"
	printf '#!/bin/sh\nexit 101\n' >"$2.root/usr/sbin/policy-rc.d"
	chmod +x "$2.root/usr/sbin/policy-rc.d"
}

unmount_layer() { # LAYER
	rm -f "$1.root/usr/sbin/policy-rc.d" "$1.root/etc/resolv.conf"
	umount "$1.root"
	rm -rf "$1.work" "$1.root"
}

install_packages() { # LAYER PACKAGE...
	[ $# -gt 1 ] || return 0
	chroot "$1.root" sh -c "apt-get update &&
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${*:2} && apt-get clean" \
		>"$1.log" 2>&1 </dev/null || {
		umount "$1.root"
		die "apt-get install ${*:2} for ${1##*/} failed: see $1.log"
	}
}

make_layer() { # SUITE DAEMON
	local base made=$IMAGES/$1+$2
	[ ! -f "$made.done" ] || return 0
	base=$IMAGES/$(below "$1" "$2")
	echo "lab: making image $1/$2" >&2
	build_like "$1" "$2" "$base" "$made.build"
	mount_layer "$base" "$made"
	# shellcheck disable=SC2046
	install_packages "$made" $(packages "$1" "$2")
	settle_like "$1" "$2" "$made"
	unmount_layer "$made"
	rm -rf "$made.build"
	touch "$made.done"
}

make_image() { # SUITE DAEMON
	local layer
	make_base "$(below "$1" "$2")"
	layer_of "$1" "$2"
	[ -z "$layer" ] || make_layer "$1" "$2"
}

is_made() { # SUITE DAEMON
	local layer
	layer_of "$1" "$2"
	[ -f "$IMAGES/$(below "$1" "$2").done" ] && { [ -z "$layer" ] || [ -f "$IMAGES/$layer.done" ]; }
}

image() { # SUITE/DAEMON
	local suite=${1%%/*} daemon=${1#*/}
	case $1 in */*) ;; *) die "an image is SUITE/DAEMON, not $1" ;; esac
	! is_made "$suite" "$daemon" || return 0
	mkdir -p "$IMAGES"
	locked "$IMAGES/$(below "$suite" "$daemon").lock" make_image "$suite" "$daemon"
}

images() { # SUITE/DAEMON...: make several suites at the same time, but the layers of one suite one after the other
	local kind pids=() failed=0 missing=() suite
	for kind in "$@"; do is_made "${kind%%/*}" "${kind#*/}" || missing+=("$(below "${kind%%/*}" "${kind#*/}") $kind"); done
	[ ${#missing[@]} -gt 0 ] || return 0
	for suite in $(printf '%s\n' "${missing[@]}" | cut -d' ' -f1 | sort -u); do
		(for kind in "${missing[@]}"; do [ "${kind%% *}" != "$suite" ] || image "${kind#* }"; done) &
		pids+=($!)
	done
	for suite in "${pids[@]}"; do wait "$suite" || failed=1; done
	[ $failed = 0 ] || exit 1
}
