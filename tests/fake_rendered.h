/* For tests of rendered files: the two halves of a small site, and a file of one of its hosts. */
#ifndef TESTS_FAKE_RENDERED_H
#define TESTS_FAKE_RENDERED_H

#include "orchestrator/render/render.h"

#define UPSTREAMS                                                                                  \
	"site: test\n"                                                                             \
	"upstreams:\n"                                                                             \
	"  - {name: a, address: 192.0.2.101}\n"                                                    \
	"  - {name: b, address: 192.0.2.102}\n"                                                    \
	"  - {name: c, address: 192.0.2.103}\n"                                                    \
	"  - {name: d, address: 192.0.2.104}\n"                                                    \
	"  - {name: e, address: 192.0.2.105}\n"

#define THREE_SERVERS                                                                              \
	"tiers:\n"                                                                                 \
	"  - name: core\n"                                                                         \
	"    upstreams: all\n"                                                                     \
	"    servers:\n"                                                                           \
	"      - {name: s1, address: [192.0.2.1, \"2001:db8::1\"], daemon: chrony}\n"              \
	"      - {name: s2, address: [\"2001:db8::2\", 192.0.2.2], daemon: ntpsec}\n"              \
	"      - {name: s3, address: 192.0.2.3, daemon: ntp}\n"

/*
 * The text of the file of @host that ends with @path, with @daemon.  A test fails where there is
 * none.  The text is of @arena, and @files is filled.
 */
const char *rendered_text(struct render *render, const struct host *host, const char *daemon,
    const char *path, struct arena *arena, struct file_set *files);

/* Whether @text has the line @line, whole. */
bool has_line(const char *text, const char *line);

#endif
