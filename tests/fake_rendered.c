#include "tests/fake_rendered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

const char *
rendered_text(struct render *render, const struct host *host, const char *daemon, const char *path,
    struct arena *arena, struct file_set *files)
{
	struct error err = { "" };

	if (render_host(render, host, daemon_find(daemon), arena, files, &err) < 0) {
		fail_msg("%s", err.text);
	}
	for (size_t i = 0; i < files->count; i++) {
		const char *end = strstr(files->list[i].path, path);

		if (end && strcmp(end, path) == 0) {
			return files->list[i].content;
		}
	}
	fail_msg("%s has no %s", host->name, path);
	return "";
}

bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && (at[len] == '\n' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}
