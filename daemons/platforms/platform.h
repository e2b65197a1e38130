/*
 * The systems that hosts run, as a table: how each is told from others, how far timetier supports
 * it, and where each daemon stands on it.  Systems of one family share their places.  No I/O.
 */
#ifndef DAEMONS_PLATFORMS_PLATFORM_H
#define DAEMONS_PLATFORMS_PLATFORM_H

#include "daemons/daemon.h"

/* What starts services. */
enum platform_init {
	INIT_UNKNOWN,
	INIT_SYSTEMD,
	INIT_OPENRC,
	INIT_RC_D, /* the BSDs' */
};

/* How far timetier supports a platform. */
enum platform_level {
	PLATFORM_ROLLED_OUT, /* plan and apply, with a guard that puts back what went wrong */
	PLATFORM_RENDERED,   /* `render --platform`: a hand copies the files */
	PLATFORM_WATCHED,    /* the agent reports, and judges restarts */
};

/* What keeps a daemon from files that its packager did not think of. */
enum platform_confinement {
	CONFINED_NOT,
	CONFINED_APPARMOR,
	CONFINED_SELINUX,
};

/* Systems whose packages put the daemons at the same places. */
enum platform_family {
	FAMILY_DEBIAN,
	FAMILY_RHEL,
	FAMILY_RHEL_8,
	FAMILY_RHEL_7,
	FAMILY_SUSE,
	FAMILY_ARCH,
	FAMILY_ALPINE,
	FAMILY_GENTOO,
	FAMILY_VOID,
	FAMILY_FREEBSD,
	FAMILY_DEBIAN_13, /* Debian's places, with another table of leap seconds */
	FAMILIES,
};

struct platform {
	const char *id;         /* "debian-12" */
	const char *title;      /* "Debian 12" */
	const char *const *ids; /* ID= of its os-release; NULL-ended */
	const char *version;    /* VERSION_ID=, "12": also "12.5"; NULL: it has no versions */
	const char *codename;   /* of the release, as derived systems name it; NULL: none */
	enum platform_init init;
	enum platform_family family;
	enum platform_level level;
	enum platform_confinement confinement;
	const char *install; /* the words that install a package: "apt-get install" */
	const char *tested;  /* how what stands here was tried, for people */
};

/* Every platform, ended by a row without id.  Releases of one system follow each other, the oldest
 * first. */
extern const struct platform platforms[];

/* The platform called @id, or NULL. */
const struct platform *platform_find(const char *id);

/* What an os-release says.  Each is "" when it is not told. */
struct platform_words {
	char id[32], version[32], like[128], codename[32];
};

/* Read @os_release, the text of such a file, which is not trusted. */
void platform_words_read(const char *os_release, struct platform_words *words);

/*
 * The platform of a host.
 *
 * @words: what its os-release says
 * @init:  what starts its services; INIT_UNKNOWN: any will do, for who asks only where files stand
 *
 * A release that has no row of its own counts as the one before it, and as the newest where
 * os-release names none; a derived system as what it is derived from: of its words in ID_LIKE= the
 * first that has a row, of its releases the one whose codename it names, else the newest.  Returns
 * NULL: no row is like it, or its release is older than all of them.
 */
const struct platform *platform_of(const struct platform_words *words, enum platform_init init);

/* The daemon called @daemon as it stands on @platform; NULL: there is no such package. */
const struct daemon_driver *platform_driver(const struct platform *platform, const char *daemon);

/*
 * All drivers that can be configured on @platform, NULL-ended, in the order in which `daemon: auto`
 * looks for them.
 */
const struct daemon_driver *const *platform_drivers(const struct platform *platform);

/* The same by the name of a family of platforms, as struct daemon_driver has it; NULL: there is
 * none. */
const struct daemon_driver *const *platform_family_drivers(const char *family);

/*
 * All daemons that the agent knows, NULL-ended, each as it stands on @platform, or as on Debian
 * when no package brings it there.  @platform may be NULL: all as on Debian.
 */
const struct daemon_driver *const *platform_known(const struct platform *platform);

/* Whether @driver is what stands on @platform, and not somewhere else alone. */
bool platform_has(const struct platform *platform, const struct daemon_driver *driver);

/*
 * Where a daemon stands anywhere: the @index-th driver of @kind; NULL: there are no more.  Two of
 * them may have the same paths.
 */
const struct daemon_driver *platform_place(const struct daemon_driver *kind, size_t index);

/* "rolled out", "rendered only", "watched only". */
const char *platform_level_name(enum platform_level level);

/* "by nothing", "by AppArmor", "by SELinux". */
const char *platform_confinement_name(enum platform_confinement confinement);

/* "systemd", "OpenRC", "rc.d", "unknown". */
const char *platform_init_name(enum platform_init init);

#endif
