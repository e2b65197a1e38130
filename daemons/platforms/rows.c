/* The table of platforms. */
#include "daemons/platforms/platform.h"

static const char *const debian[] = { "debian", NULL };
static const char *const ubuntu[] = { "ubuntu", NULL };
static const char *const rhel[] = { "rhel", "centos", "almalinux", "rocky", "ol", NULL };
static const char *const fedora[] = { "fedora", NULL };
static const char *const amazon[] = { "amzn", NULL };
static const char *const sles[] = { "sles", "sled", "suse", NULL };
static const char *const leap[] = { "opensuse-leap", "opensuse", NULL };
static const char *const tumbleweed[] = { "opensuse-tumbleweed", NULL };
static const char *const arch[] = { "arch", NULL };
static const char *const alpine[] = { "alpine", NULL };
static const char *const gentoo[] = { "gentoo", NULL };
static const char *const void_linux[] = { "void", NULL };
static const char *const freebsd[] = { "freebsd", NULL };

#define APT .init = INIT_SYSTEMD, .install = "apt-get install"
#define ZONE .family = FAMILY_DEBIAN
#define LIST .family = FAMILY_DEBIAN_13
#define HOSTS .tested = "hosts of the lab, from its packages"
#define LAYOUT .tested = "hosts of the lab with its family's layout"
#define RECORDS .tested = "what its documentation says"
#define DEBIAN APT, .level = PLATFORM_ROLLED_OUT, .confinement = CONFINED_APPARMOR, HOSTS
#define UBUNTU APT, .level = PLATFORM_ROLLED_OUT, .confinement = CONFINED_APPARMOR, RECORDS
#define SELINUX(of) .init = INIT_SYSTEMD, .family = (of), .confinement = CONFINED_SELINUX
#define RHEL SELINUX(FAMILY_RHEL), .level = PLATFORM_ROLLED_OUT, .install = "dnf install", LAYOUT
#define RHEL_8                                                                                     \
	SELINUX(FAMILY_RHEL_8), .level = PLATFORM_ROLLED_OUT, .install = "dnf install", LAYOUT
#define RHEL_7 SELINUX(FAMILY_RHEL_7), .level = PLATFORM_RENDERED, .install = "yum install", RECORDS
#define SUSE                                                                                       \
	.init = INIT_SYSTEMD, .family = FAMILY_SUSE, .level = PLATFORM_ROLLED_OUT,                 \
	.install = "zypper install", LAYOUT

const struct platform platforms[] = {
	{ "debian-11", "Debian 11", debian, "11", "bullseye", DEBIAN, ZONE },
	{ "debian-12", "Debian 12", debian, "12", "bookworm", DEBIAN, ZONE },
	{ "debian-13", "Debian 13", debian, "13", "trixie", DEBIAN, LIST },
	{ "ubuntu-22.04", "Ubuntu 22.04", ubuntu, "22.04", "jammy", UBUNTU, ZONE },
	{ "ubuntu-24.04", "Ubuntu 24.04", ubuntu, "24.04", "noble", UBUNTU, ZONE },
	{ "ubuntu-26.04", "Ubuntu 26.04", ubuntu, "26.04", "resolute", UBUNTU, LIST },
	{ "rhel-7", "RHEL 7 and its kin", rhel, "7", NULL, RHEL_7 },
	{ "rhel-8", "RHEL 8 and its kin", rhel, "8", NULL, RHEL_8 },
	{ "rhel-9", "RHEL 9 and its kin", rhel, "9", NULL, RHEL },
	{ "rhel-10", "RHEL 10 and its kin", rhel, "10", NULL, RHEL },
	{ "fedora", "Fedora", fedora, NULL, NULL, RHEL },
	{ "amazon-2023", "Amazon Linux 2023", amazon, "2023", NULL, RHEL },
	{ "sles-15", "SLES 15", sles, "15", NULL, SUSE, .confinement = CONFINED_APPARMOR },
	{ "sles-16", "SLES 16", sles, "16", NULL, SUSE, .confinement = CONFINED_SELINUX },
	{ "opensuse-leap-15", "openSUSE Leap 15", leap, "15", NULL, SUSE,
	    .confinement = CONFINED_APPARMOR },
	{ "opensuse-leap-16", "openSUSE Leap 16", leap, "16", NULL, SUSE,
	    .confinement = CONFINED_SELINUX },
	{ "opensuse-tumbleweed", "openSUSE Tumbleweed", tumbleweed, NULL, NULL, SUSE,
	    .confinement = CONFINED_SELINUX },
	{ "arch", "Arch Linux", arch, NULL, NULL, INIT_SYSTEMD, FAMILY_ARCH, PLATFORM_RENDERED,
	    CONFINED_NOT, "pacman -S", RECORDS },
	{ "alpine", "Alpine", alpine, NULL, NULL, INIT_OPENRC, FAMILY_ALPINE, PLATFORM_ROLLED_OUT,
	    CONFINED_NOT, "apk add",
	    .tested = "hosts of the lab with OpenRC: clients and their agents, no servers" },
	{ "gentoo", "Gentoo", gentoo, NULL, NULL, INIT_OPENRC, FAMILY_GENTOO, PLATFORM_WATCHED,
	    CONFINED_NOT, "emerge", RECORDS },
	{ "void", "Void Linux", void_linux, NULL, NULL, INIT_UNKNOWN, FAMILY_VOID, PLATFORM_WATCHED,
	    CONFINED_NOT, "xbps-install", RECORDS },
	{ "freebsd", "FreeBSD", freebsd, NULL, NULL, INIT_RC_D, FAMILY_FREEBSD, PLATFORM_RENDERED,
	    CONFINED_NOT, "pkg install", RECORDS },
	{ .id = NULL },
};
