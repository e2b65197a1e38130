/* Files of three hosts, however broken: they amount to a site that loads, or to none. */
#include "orchestrator/import/import.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOSTS 3
#define FILES 6

static const char *const paths[FILES] = { "/etc/chrony/chrony.conf", "/etc/ntp.conf",
	"/etc/ntpsec/ntp.conf", "/etc/systemd/timesyncd.conf", "/etc/openntpd/ntpd.conf",
	"/etc/ntpd-rs/ntp.toml" };
static const char *const more_paths[] = { "/etc/keys", "/etc/hosts", "/addresses" };

/*
 * The hosts stand one behind the other with a form feed between; each begins with a byte that says
 * which daemon it has, and vertical tabs stand before its further files.
 */
static void
cut(char *text, struct import_host hosts[HOSTS], struct file_entry files[HOSTS][4])
{
	static const char *const names[HOSTS] = { "a", "b.example", "192.0.2.3" };

	for (size_t i = 0; i < HOSTS; i++) {
		char *part = strsep(&text, "\f");
		size_t which = part && part[0] ? (unsigned char)part[0] % FILES : 0, count = 0;

		part = part && part[0] ? part + 1 : part;
		hosts[i] = (struct import_host){ .name = names[i] };
		for (char *one; count < 4 && (one = strsep(&part, "\v")) != NULL; count++) {
			files[i][count] =
			    (struct file_entry){ .path = count == 0 ? paths[which]
								    : more_paths[count - 1],
				    .content = one,
				    .len = strlen(one) };
		}
		hosts[i].files = (struct file_set){ files[i], count };
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import import = { .host_count = 0 };
	struct import_host hosts[HOSTS];
	struct file_entry files[HOSTS][4];
	struct diags diags = { .errors = 0 };
	struct buf site = { .limit_bytes = 1 << 20 };
	struct error err = { "" };
	char *text = strndup(size > 0 ? (const char *)data : "", size);

	if (!text) {
		abort();
	}
	cut(text, hosts, files);
	if (import_begin(&import, hosts, HOSTS, &err) == 0) {
		if (import_compare(&import, "fuzz", 0, &diags, &err) < 0) {
			/* a source that cannot be rendered is told by its host */
			assert(strncmp(err.text, "the site that", 13) != 0);
		}
		import_emit(&import, "fuzz", NULL, &site);
		assert(site.len > 0);
	}
	diags_free(&diags);
	buf_free(&site);
	import_free(&import);
	free(text);
	return 0;
}
