# A part of lab: layers that give a host the layout of another distribution, with the real daemon.  Where a daemon reads its files is
# compiled into it, so chronyd is built from Debian's source package with that distribution's options; ntpd reads /etc/ntp.conf
# everywhere, and is Debian's program.  Units, options and first configurations are written from the documentation of these
# distributions: chrony.spec of Fedora, chrony.spec and ntp.spec of openSUSE, chronyd.initd of Alpine; ntpd.service of RHEL 7.
#
# rhel-like/chrony  Rocky Linux 9 with chrony 4.6.1        suse-like/chrony  openSUSE Leap 15 with chrony 4.3
# rhel-like/ntp     CentOS 7 with ntp 4.2.8p15             suse-like/ntp     openSUSE Leap 15 with ntp 4.2.8p15
# openrc/chrony     Alpine with chrony 4.6.1 (its files and OpenRC; its libc and commands are Debian's)
# openrc/none       Debian 12 with OpenRC

# Build chronyd in a layer that is thrown away; its files are left in BUILD.
build_chrony() { # BASE BUILD SUITE-OF-THE-SOURCE CONFIGURE...
	local out=$2
	mount_layer "$1" "$2.layer"
	cat >"$2.layer.root/root/build" <<END
set -eu
echo "deb-src $(mirror | grep . || echo http://deb.debian.org/debian) $3 main" >/etc/apt/sources.list.d/source.list
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
	gcc make pkg-config libc6-dev libcap-dev libedit-dev libgnutls28-dev nettle-dev libseccomp-dev
cd /root
apt-get source --download-only chrony
mkdir source
tar -C source --strip-components=1 -xf chrony_*.orig.tar.gz
cd source
./configure --prefix=/usr --chronyrundir=/run/chrony --with-pidfile=/run/chrony/chronyd.pid \\
	--with-hwclockfile=/etc/adjtime --with-sendmail=/usr/sbin/sendmail --enable-scfilter --enable-ntp-signd ${*:4}
make -j2
make install DESTDIR=/root/out
mkdir -p /root/out/root
cp -r examples /root/out/root
END
	chroot "$2.layer.root" sh /root/build >"$2.log" 2>&1 </dev/null || {
		unmount_layer "$2.layer"
		die "building chrony failed: see $2.log"
	}
	mv "$2.layer/root/out" "$out"
	unmount_layer "$2.layer"
	rm -rf "$2.layer"
}

build_like() { # SUITE DAEMON BASE BUILD
	rm -rf "$4"
	case $1/$2 in
	rhel-like/chrony) build_chrony "$3" "$4" trixie --sysconfdir=/etc --with-user=chrony ;;
	suse-like/chrony) build_chrony "$3" "$4" bookworm --sysconfdir=/etc --with-user=chrony ;;
	openrc/chrony) build_chrony "$3" "$4" trixie --sysconfdir=/etc/chrony --with-user=chrony --without-readline ;;
	esac
}

# ---- what the distributions bring

os_release() { # ROOT NAME VERSION ID ID_LIKE VERSION_ID
	rm -f "$1/etc/os-release" "$1/etc/debian_version"
	printf 'NAME="%s"\nVERSION="%s"\nID="%s"\nID_LIKE="%s"\nVERSION_ID="%s"\nPRETTY_NAME="%s %s"\n' \
		"$2" "$3" "$4" "$5" "$6" "$2" "$3" >"$1/usr/lib/os-release"
	ln -s ../usr/lib/os-release "$1/etc/os-release"
	rm -f "$1/usr/bin/apt" "$1/usr/bin/apt-get" # no such command there
}

sysconfig() { # ROOT NAME LINE...
	mkdir -p "$1/etc/sysconfig"
	printf '%s\n' "${@:3}" >"$1/etc/sysconfig/$2"
}

# Install what was built, with the user, folders and key file of these three distributions.
chrony_files() { # BUILD ROOT ETC
	cp -a "$1/usr" "$2/"
	chroot "$2" sh -c "groupadd -r chrony && useradd -r -g chrony -d /var/lib/chrony -s /usr/sbin/nologin chrony &&
		install -d -m 750 -o chrony -g chrony /var/lib/chrony /var/log/chrony && mkdir -p $3" || die "no user chrony in $2"
	install -m 640 "$1/root/examples/chrony.keys.example" "$2$3/chrony.keys"
	chroot "$2" chgrp chrony "$3/chrony.keys"
}

chronyd_unit() { # BUILD ROOT
	install -m 644 "$1/root/examples/chronyd.service" "$1/root/examples/chrony-wait.service" "$2/usr/lib/systemd/system"
	chroot "$2" systemctl --quiet enable chronyd.service
}

rhel_chrony() { # BUILD ROOT
	chrony_files "$1" "$2" /etc
	sed 's|^pool pool.ntp.org|pool 2.rocky.pool.ntp.org|; s|#\(keyfile\)|\1|; s|#\(leapseclist\)|\1|
		/^pool/a\\n# Use NTP servers from DHCP.\nsourcedir /run/chrony-dhcp' \
		"$1/root/examples/chrony.conf.example2" >"$2/etc/chrony.conf"
	sysconfig "$2" chronyd '# Command-line options for chronyd' 'OPTIONS="-F 2"'
	chronyd_unit "$1" "$2"
}

suse_chrony() { # BUILD ROOT
	chrony_files "$1" "$2" /etc
	mkdir -p "$2/etc/chrony.d"
	{
		sed 's|^pool|! pool|' "$1/root/examples/chrony.conf.example2"
		printf '%s\n' '' '# Also include any directives found in configuration files in /etc/chrony.d' \
			'include /etc/chrony.d/*.conf' '' '# Add sourcedir needed by NetworkManager DHCP dispatcher' 'sourcedir /run/chrony-dhcp'
	} >"$2/etc/chrony.conf"
	chmod 640 "$2/etc/chrony.conf"
	chroot "$2" chgrp chrony /etc/chrony.conf
	echo 'pool 2.opensuse.pool.ntp.org iburst' >"$2/etc/chrony.d/pool.conf"
	sysconfig "$2" chronyd '## Path:	Network/Chrony' '# Command line options for chronyd.' 'OPTIONS=""'
	chronyd_unit "$1" "$2"
}

# Take away what Debian's package adds to the program.
ntp_program_only() { # ROOT
	rm -rf "$1/etc/default/ntp" "$1/etc/init.d/ntp" "$1/usr/lib/systemd/system/ntp.service" "$1/usr/lib/ntp" "$1"/etc/rc?.d/*ntp \
		"$1/etc/systemd/system/multi-user.target.wants/ntp.service" "$1/etc/dhcp/dhclient-exit-hooks.d/ntp" "$1/etc/apparmor.d"
}

ntpd_unit() { # ROOT LINE...: of the section Service
	printf '%s\n' '[Unit]' 'Description=Network Time Service' 'After=network.target ntpdate.service sntp.service' \
		'Conflicts=systemd-timesyncd.service' '' '[Service]' Type=forking "${@:2}" PrivateTmp=true '' '[Install]' \
		WantedBy=multi-user.target >"$1/usr/lib/systemd/system/ntpd.service"
	chroot "$1" systemctl --quiet enable ntpd.service
}

rhel_ntp() { # ROOT
	ntp_program_only "$1"
	{
		printf '%s\n' 'driftfile /var/lib/ntp/drift' '' 'restrict default nomodify notrap nopeer noquery' '' \
			'restrict 127.0.0.1 ' 'restrict ::1' ''
		printf 'server %s.centos.pool.ntp.org iburst\n' 0 1 2 3
		printf '%s\n' '' 'includefile /etc/ntp/crypto/pw' '' 'keys /etc/ntp/keys' '' 'disable monitor'
	} >"$1/etc/ntp.conf"
	mkdir -p "$1/etc/ntp/crypto"
	printf '%s\n' '#crypto pw password' >"$1/etc/ntp/crypto/pw"
	printf '%s\n' '# For more information about this file, see the man page ntp_auth(5).' >"$1/etc/ntp/keys"
	chmod 600 "$1/etc/ntp/keys" "$1/etc/ntp/crypto/pw"
	sysconfig "$1" ntpd '# Command line options for ntpd' 'OPTIONS="-g"'
	ntpd_unit "$1" 'EnvironmentFile=-/etc/sysconfig/ntpd' "ExecStart=/usr/sbin/ntpd -u ntp:ntp \$OPTIONS"
}

# openSUSE's unit starts a script, which reads the options.
suse_ntp() { # ROOT
	ntp_program_only "$1"
	printf '%s\n' 'restrict -4 default notrap nomodify nopeer noquery' 'restrict -6 default notrap nomodify nopeer noquery' '' \
		'restrict 127.0.0.1' 'restrict ::1' '' 'driftfile /var/lib/ntp/drift/ntp.drift # path for drift file' '' \
		'logfile   /var/log/ntp		# alternate log file' '' 'keys /etc/ntp.keys		# path for keys file' \
		'trustedkey 1			# define trusted keys' 'requestkey 1			# key (7) for accessing server variables' \
		'controlkey 1			# key (6) for accessing server variables' 'pool 0.opensuse.pool.ntp.org iburst' >"$1/etc/ntp.conf"
	echo '1 SHA1 bm90LWEtc2VjcmV0LTE1' >"$1/etc/ntp.keys"
	sysconfig "$1" ntp 'NTPD_OPTIONS="-g -u ntp:ntp"' 'NTPD_RUN_CHROOTED="no"' 'NTPD_FORCE_SYNC_ON_STARTUP="no"'
	cat >"$1/usr/sbin/start-ntpd" <<'END'
#!/bin/sh
# Starts ntpd with the options of /etc/sysconfig/ntp.
NTPD_OPTIONS="-g -u ntp:ntp"
test -f /etc/sysconfig/ntp && . /etc/sysconfig/ntp
mkdir -p /run/ntp
/usr/sbin/ntpd -p /run/ntp/ntpd.pid $NTPD_OPTIONS -c /etc/ntp.conf
END
	chroot "$1" sh -c 'chmod 755 /usr/sbin/start-ntpd; chmod 640 /etc/ntp.conf /etc/ntp.keys; chgrp ntp /etc/ntp.conf /etc/ntp.keys
		install -d -o ntp -g ntp /var/lib/ntp/drift'
	ntpd_unit "$1" PIDFile=/run/ntp/ntpd.pid 'ExecStart=/usr/sbin/start-ntpd start' RestartSec=11min Restart=always
}

openrc_chrony() { # BUILD ROOT
	chrony_files "$1" "$2" /etc/chrony
	printf '%s\n' '# default config' '' 'pool pool.ntp.org iburst' 'initstepslew 10 pool.ntp.org' \
		'driftfile /var/lib/chrony/chrony.drift' rtcsync 'cmdport 0' >"$2/etc/chrony/chrony.conf"
	mkdir -p "$2/etc/conf.d"
	printf '%s\n' '# /etc/conf.d/chronyd' 'CFGFILE="/etc/chrony/chrony.conf"' 'FAST_STARTUP=no' 'ARGS=""' >"$2/etc/conf.d/chronyd"
	cat >"$2/etc/init.d/chronyd" <<'END'
#!/sbin/openrc-run
description="NTP daemon"
PIDFILE=/run/chrony/chronyd.pid
depend() {
	after net firewall
	use dns
}
start() {
	ebegin "Starting chronyd"
	start-stop-daemon --start --quiet --exec /usr/sbin/chronyd --pidfile "$PIDFILE" -- -f "${CFGFILE}" ${ARGS}
	eend $? "Failed to start chronyd"
}
stop() {
	ebegin "Stopping chronyd"
	start-stop-daemon --stop --quiet --pidfile "$PIDFILE"
	eend $? "Failed to stop chronyd"
}
END
	chmod 755 "$2/etc/init.d/chronyd"
	chroot "$2" rc-update --quiet add chronyd default
}

# Make OpenRC the init system of a root that has none: debootstrap itself would take sysv-rc. Of its services a container needs few.
add_openrc() { # ROOT
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod +x "$1/usr/sbin/policy-rc.d"
	DEBIAN_FRONTEND=noninteractive chroot "$1" sh -c 'apt-get install -y --no-install-recommends sysvinit-core openrc busybox-syslogd
		for level in sysinit boot default; do for at in /etc/runlevels/$level/*; do rm -f "$at"; done; done
		rc-update add busybox-syslogd boot && rc-update add ssh default' \
		>>"$1.log" 2>&1 </dev/null || die "OpenRC cannot be installed: see $1.log"
	# the runlevels that Alpine and Gentoo have; Debian leaves out "boot"
	printf '%s\n' id:3:initdefault: 'si::sysinit:/sbin/openrc sysinit' 'rc::bootwait:/sbin/openrc boot' \
		'l0:0:wait:/sbin/openrc shutdown' 'l0s:0:wait:/sbin/halt -dhp' 'l3:3:wait:/sbin/openrc default' \
		'l6:6:wait:/sbin/openrc reboot' 'l6r:6:wait:/sbin/reboot -dk' >"$1/etc/inittab"
	echo 'SYSLOG_OPTS=""' >"$1/etc/default/busybox-syslogd" # it writes /var/log/messages, as Alpine's does
	rm -f "$1/usr/sbin/policy-rc.d" "$1/etc/resolv.conf"
}

settle_like() { # SUITE DAEMON LAYER
	local root=$3.root
	case $1 in
	rhel-like)
		if [ "$2" = ntp ]; then
			os_release "$root" 'CentOS Linux' '7 (Core)' centos 'rhel fedora' 7
		else
			os_release "$root" 'Rocky Linux' '9.6 (Blue Onyx)' rocky 'rhel centos fedora' 9.6
		fi
		;;
	suse-like) os_release "$root" 'openSUSE Leap' 15.6 opensuse-leap 'suse opensuse' 15.6 ;;
	esac
	case $1/$2 in
	rhel-like/chrony) rhel_chrony "$3.build" "$root" ;;
	suse-like/chrony) suse_chrony "$3.build" "$root" ;;
	rhel-like/ntp) rhel_ntp "$root" ;;
	suse-like/ntp) suse_ntp "$root" ;;
	openrc/chrony)
		os_release "$root" 'Alpine Linux' v3.20 alpine '' 3.20.3
		openrc_chrony "$3.build" "$root"
		;;
	esac
}
