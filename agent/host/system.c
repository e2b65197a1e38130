#include "agent/host/system.h"

#include "agent/host/tree.h"
#include "common/buf.h"

#define OS_RELEASE_BYTES 16384

const struct platform *
host_platform(const char *root, enum platform_init init)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct buf text = { .limit_bytes = OS_RELEASE_BYTES };
	struct platform_words words;

	for (size_t i = 0; i < COUNT(paths); i++) {
		if (tree_read(root, paths[i], &text, NULL) == TREE_READ) {
			break;
		}
	}
	platform_words_read(buf_str(&text), &words);
	buf_free(&text);
	return platform_of(&words, init);
}

enum platform_init
host_init(const char *root)
{
	if (tree_is_folder(root, "/run/systemd/system")) {
		return INIT_SYSTEMD;
	}
	return tree_is_folder(root, "/run/openrc") ? INIT_OPENRC : INIT_UNKNOWN;
}
