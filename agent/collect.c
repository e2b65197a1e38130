#include "agent/collect.h"

#include "common/address.h"
#include "common/file.h"
#include "common/log.h"
#include "common/shown.h"

#include <fcntl.h>
#include <glob.h>
#include <ifaddrs.h>
#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_BYTES_MAX (64 << 10)
#define ALL_BYTES_MAX (400 << 10) /* one record of an errand */

/* Where daemons' packages and hands put what a daemon reads, and what tells hosts apart. */
static const char *const patterns[] = {
	"/etc/hostname",
	"/etc/hosts",
	"/etc/os-release",
	"/etc/debian_version",
	"/etc/rc.conf",
	"/etc/chrony.conf",
	"/etc/chrony.keys",
	"/etc/chrony.d/*",
	"/etc/chrony/*",
	"/etc/chrony/*/*",
	"/etc/ntp.conf",
	"/etc/ntp.keys",
	"/etc/ntp.d/*",
	"/etc/ntp/*",
	"/etc/ntp/*/*",
	"/etc/ntpsec/*",
	"/etc/ntpsec/*/*",
	"/etc/ntpd.conf",
	"/etc/openntpd/*",
	"/etc/ntp.toml",
	"/etc/ntpd-rs/*",
	"/etc/systemd/timesyncd.conf",
	"/etc/systemd/timesyncd.conf.d/*",
	"/run/systemd/timesyncd.conf.d/*",
	"/usr/lib/systemd/timesyncd.conf.d/*",
	"/etc/default/chrony",
	"/etc/default/ntp",
	"/etc/default/ntpsec",
	"/etc/default/openntpd",
	"/etc/sysconfig/chronyd",
	"/etc/sysconfig/ntpd",
	"/etc/sysconfig/ntp",
	"/etc/conf.d/chronyd",
	"/etc/conf.d/ntpd",
	"/etc/config/system",
	"/run/chrony-dhcp/*",
	"/var/etc/chrony.d/*",
	"/var/etc/ntp.conf",
	"/usr/local/etc/chrony.conf",
	"/usr/local/etc/ntp.conf",
	"/usr/local/etc/ntpd.conf",
};

/* Links that say what starts at boot. */
static const char *const starts[] = { "/etc/systemd/system/*.wants/*", "/etc/runlevels/*/*" };

struct collect {
	size_t root_len;
	json_t *files;
	size_t bytes;
};

static void
put(struct collect *collect, const char *path, const char *bytes, size_t len)
{
	struct buf text = { .limit_bytes = 8 * FILE_BYTES_MAX };

	/* JSON is UTF-8: what is none is told by escapes, which no daemon takes for anything */
	shown_add(&text, bytes, len, SHOWN_NEWLINES | SHOWN_TABS);
	collect->bytes += text.len + strlen(path);
	if (collect->bytes <= ALL_BYTES_MAX) {
		json_object_set_new(collect->files, path + collect->root_len,
		    json_stringn(buf_str(&text), text.len));
	}
	buf_free(&text);
}

/* Links are followed, to plain files: /etc/os-release is one. */
static void
put_file(struct collect *collect, const char *path)
{
	struct buf bytes = { .limit_bytes = FILE_BYTES_MAX };
	struct error err;

	if (file_read_plain(path, 0, &bytes, &err) == 0) {
		put(collect, path, buf_str(&bytes), bytes.len);
	}
	buf_free(&bytes);
}

static void
put_matching(struct collect *collect, const char *root, const char *pattern, bool link)
{
	char whole[512];
	glob_t found;

	snprintf(whole, sizeof(whole), "%s%s", root, pattern);
	if (glob(whole, GLOB_NOESCAPE, NULL, &found) != 0) {
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (link) {
			put(collect, found.gl_pathv[i], "", 0);
		} else {
			put_file(collect, found.gl_pathv[i]);
		}
	}
	globfree(&found);
}

/* Its addresses, without those of the loopback and of one link alone. */
static json_t *
addresses(void)
{
	json_t *list = json_array();
	struct ifaddrs *all;
	char text[IP_TEXT_BYTES];
	struct ip ip;

	if (getifaddrs(&all) != 0) {
		return list;
	}
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		if (at->ifa_addr && !(at->ifa_flags & IFF_LOOPBACK) &&
		    ip_of_sockaddr(at->ifa_addr, &ip) &&
		    !(ip.family == IP_V6 && ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80)) {
			json_array_append_new(list, json_string(ip_text(&ip, text)));
		}
	}
	freeifaddrs(all);
	return list;
}

int
collect_run(const char *root)
{
	struct collect collect = { .root_len = strlen(root), .files = json_object() };
	json_t *object;
	char *text;

	for (size_t i = 0; i < COUNT(patterns); i++) {
		put_matching(&collect, root, patterns[i], false);
	}
	for (size_t i = 0; i < COUNT(starts); i++) {
		put_matching(&collect, root, starts[i], true);
	}
	if (collect.bytes > ALL_BYTES_MAX) {
		json_decref(collect.files);
		log_error("collect: the files of time daemons here have more than %d KiB: collect "
			  "them by hand, for `timetier import DIR`",
		    ALL_BYTES_MAX >> 10);
		return 2;
	}
	object = json_pack("{s:o, s:o}", "files", collect.files, "addresses", addresses());
	text = json_dumps(object, JSON_COMPACT);
	puts(text);
	free(text);
	json_decref(object);
	return 0;
}
