#include "orchestrator/import/busybox.h"

#include <stdio.h>
#include <string.h>

#define OPENWRT_PATH "/etc/config/system" /* OpenWrt's UCI: "config timeserver 'ntp'" */
#define ALPINE_PATH "/etc/conf.d/ntpd"    /* NTPD_OPTS="-N -p pool.ntp.org" */
#define WORDS_MAX 4

/* The words of a line of UCI, without their quotes; returns how many. */
static size_t
uci_words(struct arena *arena, const char *line, size_t len, const char *words[WORDS_MAX])
{
	const char *end = line + len;
	size_t count = 0;

	while (count < WORDS_MAX) {
		size_t size;
		char quote;

		while (line < end && (*line == ' ' || *line == '\t' || *line == '\r')) {
			line++;
		}
		if (line == end || *line == '#') {
			break;
		}
		quote = *line == '\'' || *line == '"' ? *line : '\0';
		line += quote ? 1 : 0;
		for (size = 0; line + size < end &&
		     (quote ? line[size] != quote : !strchr(" \t\r", line[size]));) {
			size++;
		}
		words[count++] = arena_strndup(arena, line, size);
		line += size + (quote && line + size < end ? 1 : 0);
	}
	return count;
}

/* A word that can stand in a line of ntpd's: a name or an address. */
static bool
is_server(const char *word)
{
	return word[0] &&
	    word[strspn(word,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789.:-_%")] == '\0';
}

/* Each server in the line that names it, so that it is told by its place; false: it is off. */
static bool
read_openwrt(struct arena *arena, const char *text, struct buf *lines)
{
	bool inside = false, on = true;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *words[WORDS_MAX];
		size_t count = uci_words(arena, text, len, words);

		if (count > 1 && strcmp(words[0], "config") == 0) {
			inside = strcmp(words[1], "timeserver") == 0;
		} else if (inside && count == 3 && strcmp(words[0], "list") == 0 &&
		    strcmp(words[1], "server") == 0 && is_server(words[2])) {
			buf_printf(lines, "server %s", words[2]);
		} else if (inside && count == 3 && strcmp(words[0], "option") == 0 &&
		    strcmp(words[1], "enabled") == 0) {
			on = strcmp(words[2], "0") != 0;
		}
		buf_text(lines, "\n");
		text += len + (text[len] == '\n');
	}
	return on;
}

/* The -p of NTPD_OPTS, one line for each; busybox takes "-p host" and "-phost". */
static bool
read_alpine(struct arena *arena, const char *text, struct buf *lines)
{
	bool found = false;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *value = strncmp(text, "NTPD_OPTS=", 10) == 0 ? text + 10 : NULL;
		const char *at = value ? arena_strndup(arena, value, len - 10) : "";

		while ((at = strstr(at, "-p"))) {
			char word[256];

			if (sscanf(at + 2, " %255[^ \t\"']", word) == 1 && is_server(word)) {
				/* a line has one: what follows stands in the lines below */
				buf_printf(lines, "%sserver %s", found ? "\n" : "", word);
				found = true;
			}
			at += 2;
		}
		buf_text(lines, "\n");
		text += len + (text[len] == '\n');
	}
	return found;
}

/* Put @lines in the place of the file @path, in the language of ntpd. */
static void
take(struct arena *arena, struct import_host *host, const char *path, const struct buf *lines)
{
	struct file_entry *copy = arena_alloc(arena, (host->files.count + 1) * sizeof(*copy));

	for (size_t i = 0; i < host->files.count; i++) {
		copy[i] = host->files.list[i];
		if (strcmp(copy[i].path, path) == 0) {
			copy[i].content = arena_strdup(arena, buf_str(lines));
			copy[i].len = lines->len;
		}
	}
	host->files.list = copy;
	host->own = *daemon_find("ntp");
	host->own.name = "the ntpd of busybox";
	host->own.features = 0;
	host->own.config_path = path;
	host->driver = &host->own;
}

void
import_read_busybox(struct arena *arena, struct import_host *host)
{
	static const struct {
		const char *path;
		bool (*read)(struct arena *arena, const char *text, struct buf *lines);
	} ways[] = { { OPENWRT_PATH, read_openwrt }, { ALPINE_PATH, read_alpine } };

	for (size_t i = 0; i < COUNT(ways) && !host->driver; i++) {
		const struct file_entry *file = file_set_find(&host->files, ways[i].path);
		struct buf lines = { .limit_bytes = CONFIG_BYTES_MAX };

		if (file && ways[i].read(arena, file->content, &lines) &&
		    strstr(buf_str(&lines), "server ")) {
			take(arena, host, ways[i].path, &lines);
		}
		buf_free(&lines);
	}
}
