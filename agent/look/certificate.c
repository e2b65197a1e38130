#include "agent/look/certificate.h"

#include "agent/host/tree.h"
#include "common/certificate.h"

#define PATH_BYTES 512
#define FILE_BYTES_MAX (64 << 10)

int64_t
certificate_end_ns(const char *root, const struct daemon_driver *driver, const struct start *start)
{
	char path[PATH_BYTES];
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct certificate certificate;
	int64_t ends_ns = 0;

	if (!daemon_certificate(driver, buf_str(&start->config.text), path, sizeof(path))) {
		return 0;
	}
	if (tree_read(root, path, &text, NULL) == TREE_READ &&
	    certificate_read(buf_str(&text), text.len, NULL, &certificate, NULL) == 0) {
		ends_ns = certificate.ends_ns;
	}
	buf_free(&text);
	return ends_ns;
}
