/* The jobs of cron, anacron and at. */
#include "agent/scripts/jobs.h"

#include <string.h>

#define TABLE_BYTES 65536

/* A table of jobs that is being read. */
struct table {
	struct follow *follow;
	const char *path;
	size_t fields; /* before the command */
};

static const char *
behind_fields(const char *line, size_t count)
{
	for (; count > 0; count--) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	return line;
}

/* Cut a cron line at its first bare %, behind which its input stands; "\%" is a percent sign. */
static void
take_percents(char *text)
{
	char *out = text;

	for (; *text && *text != '%'; text++) {
		text += text[0] == '\\' && text[1] == '%';
		*out++ = *text;
	}
	*out = '\0';
}

static bool
take_assignment(struct table *table, char *line)
{
	size_t name = strcspn(line, "= \t"), gap = strspn(line + name, " \t");
	char *value = line + name + gap + 1;

	if (line[name + gap] != '=') {
		return false;
	}
	value += strspn(value, " \t\"'");
	value[strcspn(value, "\"'\r")] = '\0';
	if (strncmp(line, "PATH", name) == 0 && name == 4) {
		table->follow->path = arena_strdup(table->follow->arena, value);
	}
	return true;
}

static void
take_line(struct table *table, char *line, unsigned number)
{
	struct script script = { .path = table->path };
	size_t fields = table->fields;

	line += strspn(line, " \t");
	line += line[0] == '-' && table->fields > 4; /* SUSE: not to be logged */
	if (!line[0] || line[0] == '#' || take_assignment(table, line)) {
		return;
	}
	if (line[0] == '@') {
		fields -= table->fields > 3 ? 4 : 0; /* @daily stands for five */
	}
	line = arena_strdup(table->follow->arena, behind_fields(line, fields));
	if (table->fields > 4) {
		take_percents(line);
	}
	follow_text(table->follow, &script, line, number);
}

/* Read the table at @path; @fields stand before the command in each line. */
static void
read_table(struct follow *follow, const char *path, size_t fields)
{
	struct table table = { .follow = follow, .path = path, .fields = fields };
	struct buf text = { .limit_bytes = TABLE_BYTES };
	const char *outer = follow->path;
	unsigned number = 0;
	char *rest, *line;

	if (tree_read_start(follow->root, path, "", TABLE_BYTES, &text)) {
		rest = text.data;
		while (rest && (line = strsep(&rest, "\n"))) {
			take_line(&table, line, ++number);
		}
	}
	follow->path = outer;
	buf_free(&text);
}

static void
read_tables(struct follow *follow, const char *folder, size_t fields)
{
	const char *const *names;
	size_t count = tree_names(follow->root, folder, "", follow->arena, &names);

	for (size_t i = 0; i < count; i++) {
		if (follow_is_used(names[i])) {
			read_table(
			    follow, arena_printf(follow->arena, "%s/%s", folder, names[i]), fields);
		}
	}
}

/* Read the jobs of at: each is a script of its own, without "#!" sometimes. */
static void
read_at(struct follow *follow, const char *folder)
{
	const char *const *names;
	size_t count = tree_names(follow->root, folder, "", follow->arena, &names);

	for (size_t i = 0; i < count; i++) {
		struct script script = { .path = arena_printf(
					     follow->arena, "%s/%s", folder, names[i]) };

		follow_sourced(follow, &script);
	}
}

void
jobs_cron(struct follow *follow)
{
	static const char *const folders[] = { "/etc/cron.hourly", "/etc/cron.daily",
		"/etc/cron.weekly", "/etc/cron.monthly", "/etc/cron.yearly" };
	static const char *const users[] = { "/var/spool/cron", "/var/spool/cron/crontabs",
		"/var/spool/cron/tabs" };

	read_table(follow, "/etc/crontab", 6);
	read_tables(follow, "/etc/cron.d", 6);
	for (size_t i = 0; i < COUNT(users); i++) {
		read_tables(follow, users[i], 5);
	}
	for (size_t i = 0; i < COUNT(folders); i++) {
		follow_folder(follow, folders[i], false);
	}
	read_table(follow, "/etc/anacrontab", 3); /* days, minutes, name */
	read_at(follow, "/var/spool/cron/atjobs");
	read_at(follow, "/var/spool/at");
}
