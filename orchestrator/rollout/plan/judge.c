/* Judges what the restart that a plan asks for would do to the clock. */
#include "common/buf.h"
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/rollout/plan/rivals.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The text that @path will have; "" when there will be no such file; NULL: it is not known. */
static const char *
text_of(const struct plan_input *input, const char *path)
{
	const struct file_entry *entry = file_set_find(input->files, path);
	const struct fact_file *have = entry ? NULL : facts_file(input->facts, path);

	if (entry) {
		return entry->absent ? "" : entry->content;
	}
	return !have                           ? NULL
	    : have->state == FACT_FILE_REGULAR ? have->content
	    : have->state == FACT_FILE_ABSENT  ? ""
					       : NULL;
}

/* The value of NTPD_OPTS="..." or DAEMON_OPTS="..." in the file of start options, or "". */
static void
start_options(const struct plan_input *input, char *out, size_t size)
{
	const struct daemon_driver *driver = input->driver;
	const char *line = driver->options_path ? text_of(input, driver->options_path) : NULL;
	size_t len = driver->options_variable ? strlen(driver->options_variable) : 0;

	out[0] = '\0';
	while (line && len > 0) {
		if (strncmp(line, driver->options_variable, len) == 0 && line[len] == '=') {
			line += len + 1;
			line += *line == '"';
			snprintf(out, size, "%.*s", (int)strcspn(line, "\"\n"), line);
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

/* Whether @path is in the folder of the daemon's configuration, or below it. */
static bool
is_beside(const struct daemon_driver *driver, const char *path)
{
	size_t len = (size_t)(strrchr(driver->config_path, '/') - driver->config_path) + 1;

	return strncmp(path, driver->config_path, len) == 0;
}

/* Add what the host's own configuration brings in: the plan leaves it as it is. */
static void
add_standing(const struct plan_input *input, struct buf *text)
{
	for (size_t i = 0; i < input->facts->file_count; i++) {
		const struct fact_file *file = &input->facts->files[i];

		if (file->state == FACT_FILE_REGULAR && file->found &&
		    is_beside(input->driver, file->path)) {
			buf_printf(text, "\n#line 1 %s\n%s", file->path, file->content);
		}
	}
}

/* Whether the sources of the daemon stand in this file, apart from its configuration. */
static bool
holds_sources(const struct daemon_driver *driver, const char *path)
{
	const struct daemon_file *file = driver->files;

	while (file->template_name && strcmp(file->path, path) != 0) {
		file++;
	}
	return file->template_name && file->role == DAEMON_FILE_SOURCES;
}

void
plan_policy(const struct plan_input *input, struct restart_policy *policy)
{
	const char *config;
	struct buf text = { .limit_bytes = 0 };
	char options[256];

	assert(input->driver && input->files);
	config = text_of(input, input->driver->config_path);
	*policy = (struct restart_policy){ .known = false };
	if (!config || !input->driver->read_policy) {
		return;
	}
	buf_text(&text, config);
	if (!file_set_find(input->files, input->driver->config_path)) {
		add_standing(input, &text);
	}
	for (size_t i = 0; i < input->files->count; i++) {
		const struct file_entry *entry = &input->files->list[i];

		if (holds_sources(input->driver, entry->path)) {
			buf_printf(&text, "\n#line 1 %s\n%s", entry->path, entry->content);
		}
	}
	start_options(input, options, sizeof(options));
	input->driver->read_policy(buf_str(&text), options, policy);
	buf_free(&text);
}

static bool
never_steps(const struct restart_policy *policy)
{
	return policy->known && !restart_can_step(policy, 0);
}

bool
plan_never_steps(const struct plan_input *input)
{
	struct restart_policy policy;

	plan_policy(input, &policy);
	return never_steps(&policy);
}

bool
plan_must_measure(const struct plan_input *input)
{
	return input->driver->features & DAEMON_STEPS_AT_WILL && !plan_never_steps(input);
}

/* Whether the daemon that answered is the one that gives way to that of the plan. */
static bool
is_of_former(const struct plan_input *input, const struct report *report)
{
	const struct daemon_driver *leaves = plan_leaves(input);

	return leaves && strcmp(report->daemon, leaves->name) == 0;
}

/*
 * Whether the daemon answered, and is the one of the plan, or the one in whose place that is
 * started: what either says of the clock is true of the clock.
 */
static bool
is_told(const struct plan_input *input, const struct report *report)
{
	return report && report->answered &&
	    (strcmp(report->daemon, input->driver->name) == 0 || is_of_former(input, report));
}

/* Say why there is no measurement, and what is known without one. */
static void
say_untold(const struct plan_input *input, const struct report *report, bool safe, char *reason)
{
	const char *known = safe ? "the new configuration never steps (" : "";
	const char *end = safe ? ")" : "";

	if (!report) {
		snprintf(reason, VERDICT_REASON_BYTES, "%snot measured: %s%s", known,
		    input->facts->agent_hash ? facts_untold(input->facts) : "no agent yet", end);
	} else if (!report->answered) {
		snprintf(reason, VERDICT_REASON_BYTES, "%snot measured: %.120s%s", known,
		    report->error[0] ? report->error : "no daemon answers", end);
	} else {
		snprintf(reason, VERDICT_REASON_BYTES,
		    "%snot measured: its agent watches %s, not %s%s", known, report->daemon,
		    input->driver->name, end);
	}
}

void
plan_judge(const struct plan_input *input, const struct report *report, struct verdict *verdict)
{
	const struct fact_unit *unit;
	struct restart_policy policy;
	struct restart_case restart;

	assert(input->driver);
	unit = facts_unit(input->facts, input->driver->unit);
	*verdict = (struct verdict){ .kind = VERDICT_UNKNOWN };
	plan_policy(input, &policy);
	if (is_told(input, report)) {
		struct daemon_status status = report->status;

		if (is_of_former(input, report)) {
			status.version[0] = '\0'; /* it is another daemon's */
		}
		restart_case_of_status(&policy, &status, &restart);
		restart.leap = report->status.leap;
		restart.now_ns = report->real_ns;
		restart.kernel_ppm = report->kernel_ppm;
		restart.starter = unit && unit->restarts ? input->driver->unit : NULL;
		restart_judge(&restart, verdict);
		return;
	}
	verdict->kind = never_steps(&policy) ? VERDICT_SAFE : VERDICT_UNKNOWN;
	say_untold(input, report, verdict->kind == VERDICT_SAFE,
	    verdict->reasons[verdict->reason_count++]);
}

void
plan_judge_measured(const struct plan_input *input, const struct restart_source *sources,
    size_t count, const struct report *report, struct verdict *verdict)
{
	struct restart_case restart = {
		.measured_age_ns = 0, .fresh = true, .rtc_offset_ns = INT64_MAX
	};

	plan_policy(input, &restart.policy);
	restart.leap = report && report->answered ? report->status.leap : LEAP_UNSYNC;
	restart.now_ns = report ? report->real_ns : 0;
	restart.kernel_ppm = report ? report->kernel_ppm : 0;
	restart.source_count = count < COUNT(restart.sources) ? count : COUNT(restart.sources);
	memcpy(restart.sources, sources, restart.source_count * sizeof(*sources));
	restart_judge(&restart, verdict);
}

bool
plan_forbids(
    const struct plan_input *input, const struct report *report, const struct verdict *verdict)
{
	struct restart_policy policy;
	bool follows = is_told(input, report) && report->status.leap != LEAP_UNSYNC &&
	    report->status.stratum < 16;

	plan_policy(input, &policy);
	switch (verdict->kind) {
	case VERDICT_SAFE:
	case VERDICT_SLEW:
		return false;
	case VERDICT_EXIT:
	case VERDICT_STEP:
		return true;
	case VERDICT_UNKNOWN:
		break;
	}
	return (follows || input->driver->features & DAEMON_STEPS_AT_WILL) && !never_steps(&policy);
}
