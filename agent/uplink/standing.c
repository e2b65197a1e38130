#include "agent/uplink/standing.h"

#include "common/file.h"
#include "common/log.h"
#include "common/shown.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "standing"
#define PATH_BYTES 512
#define LINE_BYTES 1024

static const char *const names[] = {
	[STANDING_UNKNOWN] = "unknown",
	[STANDING_TAKEN] = "taken",
	[STANDING_REFUSED] = "refused",
	[STANDING_FAILS] = "fails",
};

static const char *
path_in(const char *folder, char *path)
{
	snprintf(path, PATH_BYTES, "%s/" FILE_NAME, folder);
	return path;
}

void
standing_keep(const char *folder, enum standing standing, const char *host, const char *words)
{
	struct buf text = { .limit_bytes = 0 };
	char path[PATH_BYTES];
	struct error err;

	buf_printf(&text, "%s %s %s\n", names[standing], host, words);
	if (file_replace(path_in(folder, path), text.data, text.len, 0640, &err)) {
		log_warning("%s", err.text);
	}
	buf_free(&text);
}

void
standing_forget(const char *folder)
{
	char path[PATH_BYTES];

	unlink(path_in(folder, path));
}

static enum standing
standing_of(const char *name)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], name) == 0) {
			return (enum standing)i;
		}
	}
	return STANDING_UNKNOWN;
}

enum standing
standing_decode(const char *text, char *host, char *words)
{
	char line[LINE_BYTES], *rest = line;
	const char *name, *whom;

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	name = strsep(&rest, " ");
	whom = rest ? strsep(&rest, " ") : "";
	shown_copy(host, STANDING_HOST_BYTES, whom);
	shown_copy(words, STANDING_WORDS_BYTES, rest ? rest : "");
	return standing_of(name);
}

enum standing
standing_read(const char *folder, char *host, char *words)
{
	struct buf text = { .limit_bytes = LINE_BYTES };
	char path[PATH_BYTES];
	enum standing standing = STANDING_UNKNOWN;
	struct error err;

	host[0] = words[0] = '\0';
	if (file_read_plain(path_in(folder, path), O_NOFOLLOW, &text, &err) == 0) {
		standing = standing_decode(buf_str(&text), host, words);
	}
	buf_free(&text);
	return standing;
}
