#include "agent/examine.h"

#include "agent/host/host.h"
#include "agent/look/sample.h"
#include "agent/once.h"
#include "agent/witness/recall.h"
#include "common/file.h"
#include "common/shown.h"
#include "verdict/exam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOT "" /* the host itself */
#define LEAP_BYTES_MAX (256 << 10)
#define NTP_TO_UNIX_S INT64_C(2208988800)
#define ZONES "/usr/share/zoneinfo/"

static void
note_fence(const struct restart_policy *policy, const struct restart_line *line,
    struct exam_source *source)
{
	const struct restart_fence *fence;
	struct ip ip;

	if (!ip_parse(source->address, &ip)) {
		return;
	}
	fence = restart_fence_around(policy, line, &ip);
	if (fence && fence->stops) {
		snprintf(source->fence, sizeof(source->fence), "%.90s: %.60s", fence->place,
		    fence->text);
	}
}

static void
add_target(
    const struct sample *sample, const struct measure_target *target, struct exam_source *source)
{
	const struct restart_line *line = judgement_line(&sample->policy, target->source);
	int64_t jitter_ns = 0;
	const struct ntp_sample *best =
	    ntp_best_sample(target->samples, target->sample_count, &jitter_ns);

	shown_copy(source->name, sizeof(source->name), target->name);
	shown_copy(source->address, sizeof(source->address), target->address);
	shown_copy(source->kiss, sizeof(source->kiss), target->kiss);
	shown_copy(source->why, sizeof(source->why), target->why);
	source->sent = target->sent;
	source->answered = target->answered;
	source->good = best != NULL;
	if (best) {
		source->stratum = best->stratum;
		source->offset_ns = best->offset_ns;
		source->error_ns = ntp_root_distance_ns(best, jitter_ns, 0);
	}
	if (line) {
		shown_copy(source->place, sizeof(source->place), line->place);
		source->key = line->flags & RESTART_AUTH;
		note_fence(&sample->policy, line, source);
	}
}

/* A line whose every answer the daemon drops is not measured: nobody would follow it. */
static void
add_deaf(const struct sample *sample, struct exam *exam)
{
	const struct restart_blame *blame = &sample->policy.blames[BLAME_DEAF];

	for (size_t i = 0; i < sample->policy.line_count; i++) {
		const struct restart_line *line = &sample->policy.lines[i];
		struct exam_source *source;
		struct ip ip;

		if (!(line->flags & RESTART_DEAF) || exam->source_count == EXAM_SOURCES_MAX) {
			continue;
		}
		source = &exam->sources[exam->source_count++];
		shown_copy(source->name, sizeof(source->name), line->name);
		shown_copy(source->place, sizeof(source->place), line->place);
		if (ip_parse(line->name, &ip)) {
			shown_copy(source->address, sizeof(source->address), line->name);
		}
		snprintf(source->fence, sizeof(source->fence), "%.90s: %.60s", blame->place,
		    blame->text);
	}
}

static void
add_sources(const struct sample *sample, struct exam *exam)
{
	const struct measure *measure = &sample->measure;

	exam->measured = sample->policy.known;
	for (size_t i = 0; i < measure->target_count && i < EXAM_SOURCES_MAX; i++) {
		add_target(sample, &measure->targets[i], &exam->sources[exam->source_count++]);
	}
	add_deaf(sample, exam);
	for (size_t i = 0; i < sample->policy.line_count; i++) {
		exam->refclocks += (sample->policy.lines[i].flags & RESTART_REFCLOCK) != 0;
	}
	exam->quorum = sample->policy.quorum;
}

/* The first line of a file, fit to be shown; "" where it cannot be read. */
static void
read_line(const char *path, char *out, size_t size)
{
	struct buf text = { .limit_bytes = 4096 };
	struct error err;

	out[0] = '\0';
	if (file_read_plain(path, 0, &text, &err) == 0) {
		snprintf(out, size, "%.*s", (int)strcspn(buf_str(&text), "\n"), buf_str(&text));
	}
	buf_free(&text);
}

static void
look_at_machine(struct exam *exam)
{
	const char *machine = host_machine(ROOT);

	shown_copy(exam->machine, sizeof(exam->machine), machine ? machine : "");
	read_line(ROOT "/run/systemd/container", exam->container, sizeof(exam->container));
	if (!exam->container[0] && access(ROOT "/.dockerenv", F_OK) == 0) {
		shown_copy(exam->container, sizeof(exam->container), "docker");
	}
	read_line(ROOT "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    exam->clocksource, sizeof(exam->clocksource));
	if (host_has_rtc(ROOT)) {
		exam->rtc = host_rtc_is_local(ROOT) ? EXAM_RTC_LOCAL : EXAM_RTC_UTC;
	}
}

/* Copy the first word behind @word at the start of a line; the last such line counts. */
static void
find_word(const char *text, const char *word, char *out, size_t size)
{
	size_t len = strlen(word);

	for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		const char *from = at + strspn(at, " \t");

		if (strncmp(from, word, len) == 0 && (from[len] == ' ' || from[len] == '\t')) {
			from += len + strspn(from + len, " \t\"");
			snprintf(out, size, "%.*s", (int)strcspn(from, " \t\r\n\"#"), from);
		}
	}
}

/* Until when a list of leap seconds holds: its line "#@ SECONDS", since 1900. */
static int64_t
list_until_ns(const char *path)
{
	struct buf text = { .limit_bytes = LEAP_BYTES_MAX };
	const char *at;
	struct error err;
	int64_t seconds = 0;

	if (file_read_plain(path, 0, &text, &err) == 0 && (at = strstr(buf_str(&text), "#@"))) {
		seconds = strtoll(at + 2, NULL, 10) - NTP_TO_UNIX_S;
	}
	buf_free(&text);
	return seconds > 0 && seconds < INT64_MAX / NS_PER_S ? seconds * NS_PER_S : 0;
}

/* Which file tells the daemon of leap seconds, by its configuration. */
static void
look_at_leap(const struct sample *sample, struct exam *exam)
{
	const char *config = buf_str(&sample->start.config.text);
	char zone[64] = "";

	find_word(config, "leapsectz", zone, sizeof(zone));
	find_word(config, "leapfile", exam->leap_file, sizeof(exam->leap_file));
	find_word(config, "leapseclist", exam->leap_file, sizeof(exam->leap_file));
	if (!exam->leap_file[0] && zone[0]) {
		snprintf(exam->leap_file, sizeof(exam->leap_file), ZONES "%s", zone);
	}
	exam->leap_there = exam->leap_file[0] == '/' && access(exam->leap_file, F_OK) == 0;
	if (exam->leap_there && !zone[0]) {
		exam->leap_until_ns = list_until_ns(exam->leap_file);
	}
}

int
examine_run(const char *host, const char *wanted, const char *state)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	struct exam *exam = calloc(1, sizeof(*exam));
	char *text;

	if (!sample || !exam) {
		abort();
	}
	sample->fresh = true;
	once_look(host, wanted, true, sample);
	recall(state, sample);
	exam->report = sample->report;
	add_sources(sample, exam);
	look_at_machine(exam);
	look_at_leap(sample, exam);
	text = exam_encode(exam);
	puts(text);
	free(text);
	sample_free(sample);
	free(sample);
	free(exam);
	return 0;
}
