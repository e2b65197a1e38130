#include "agent/look/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MS 15000 /* it may look up names; a busy host begins it late */
#define ARGS_MAX 12
#define ASKED_BYTES (MERGE_BYTES_MAX + 8192)

/*
 * Find "WORDS at line N in file FILE".  A complaint without a line may come from what only the
 * agent may not read, and says nothing of the daemon's own start.
 */
static bool
read_complaint(struct own_check *check, const char *line, size_t len)
{
	static const char at_line[] = " at line ", in_file[] = " in file ", fatal[] = "error : ";
	char text[512];
	char *at, *file;
	const char *from;
	unsigned long number;

	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : 0), line);
	at = strstr(text, at_line);
	if (!at || !check->driver->bad_line(text)) {
		return false;
	}
	number = strtoul(at + strlen(at_line), &file, 10);
	if (strncmp(file, in_file, strlen(in_file)) != 0) {
		return false;
	}
	*at = '\0';
	from = strstr(text, fatal);
	snprintf(check->words, sizeof(check->words), "%.63s", from ? from + strlen(fatal) : text);
	snprintf(check->place, sizeof(check->place), "%.80s:%lu", file + strlen(in_file),
	    number % 1000000);
	return true;
}

void
own_check_read(struct own_check *check, int64_t exit_status, const char *output)
{
	check->known = exit_status == 0;
	check->refused = false;
	while (exit_status != 0 && *output && !check->refused) {
		size_t len = strcspn(output, "\n");

		check->refused = check->known = read_complaint(check, output, len);
		output += len + (output[len] == '\n');
	}
}

static void
on_end(struct program *program)
{
	struct own_check *check = program->owner;

	check->known = check->refused = false;
	if (!program->failure) {
		own_check_read(check, program->exit_status, buf_str(&program->output));
	}
	check->done(check);
}

bool
own_check_run(struct own_check *check, uv_loop_t *loop, const struct daemon_driver *driver,
    const struct start *start, own_check_done done)
{
	const char *argv[ARGS_MAX] = { "/bin/sh", "-c", "exec \"$@\" 2>&1 >/dev/null", "sh" };
	struct buf asking = { .limit_bytes = ASKED_BYTES };
	size_t count = 4;
	bool same;

	if (!driver->check_stops || start->unknown_count > 0 ||
	    !start_reads_config(driver, start)) {
		check->known = false;
		buf_reset(&check->asked);
		return false;
	}
	buf_printf(&asking, "%s\n%s", start->config_path, buf_str(&start->config.text));
	same = check->driver == driver && check->asked.len > 0 &&
	    strcmp(buf_str(&asking), buf_str(&check->asked)) == 0;
	buf_free(&check->asked);
	check->asked = asking;
	if (same) {
		return false;
	}
	for (size_t i = 0; driver->check_argv[i] && count + 1 < ARGS_MAX; i++) {
		argv[count++] = strcmp(driver->check_argv[i], "{file}") == 0
		    ? start->config_path
		    : driver->check_argv[i];
	}
	check->driver = driver;
	check->done = done;
	check->program.owner = check;
	program_run(&check->program, loop, argv, LIMIT_MS, on_end);
	return true;
}

void
own_check_pass(const struct own_check *check, struct restart_policy *policy)
{
	if (check->known) {
		restart_policy_checked(policy, check->place, check->refused ? check->words : NULL);
	}
}

void
own_check_free(struct own_check *check)
{
	program_free_output(&check->program);
	buf_free(&check->asked);
}
