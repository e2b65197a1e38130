#include "agent/first_set/first_set.h"

#include "agent/ask/query.h"
#include "agent/first_set/confine.h"
#include "agent/first_set/good.h"
#include "agent/first_set/judge.h"
#include "agent/first_set/note.h"
#include "agent/first_set/read.h"
#include "agent/host/host.h"
#include "agent/host/notify.h"
#include "common/clock.h"
#include "common/duration.h"
#include "common/log.h"
#include "common/version.h"
#include "measure/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HOST "" /* the root of the host's files */
#define NTP_PORT 123
#define PATIENCE_MS 60000 /* how long the daemon's start waits for a quorum */
#define SPACING_NS (2 * NS_PER_S)
#define ANSWER_NS (2 * NS_PER_S)
#define ROUND_NS (15 * NS_PER_S) /* limit of a round, names that do not resolve included */
#define SAMPLES 2
#define VERIFY_MS 2500 /* between setting and asking again: what every server tolerates */
#define KISS_NS (64 * NS_PER_S)

struct first_set {
	uv_loop_t loop;
	const struct first_set_options *options;
	struct first_set_conf conf;
	struct measure measure;
	size_t asked[MEASURE_TARGETS_MAX]; /* which source each name of the request is */
	int64_t quiet_until_ns[FIRST_SET_SOURCES_MAX]; /* CLOCK_BOOTTIME: a kiss code said so */
	struct query query;
	uv_timer_t again, patience;
	unsigned rounds;
	int64_t agreed_boot_ns; /* CLOCK_BOOTTIME since when a quorum agrees; 0: none does */
	struct first_set_verdict verdict;
	int64_t set_ns; /* when verifying: by how much the clock was set */
	bool verifying, ready, over;
	char said[256]; /* the words that were logged last */
	int status;     /* what first_set_run() returns */
};

static void ask(struct first_set *set);

/* Tell the log and the service manager, unless these words were told last. */
static void
say(struct first_set *set, enum log_level level, const char *words)
{
	char status[sizeof(set->said) + 16];

	if (strcmp(set->said, words) == 0) {
		return;
	}
	snprintf(set->said, sizeof(set->said), "%s", words);
	log_line(level, "%s", words);
	snprintf(status, sizeof(status), "STATUS=%s", words);
	notify_send(status);
}

static void
leave(const struct first_set *set, enum first_set_file file, const char *words)
{
	struct clock_reading now = clock_read();
	struct first_set_note note = {
		.set_ns = set->set_ns,
		.offset_ns = set->verdict.offset_ns,
		.at_ns = now.real_ns,
		.boot_ns = now.boot_ns,
	};
	struct error err;

	snprintf(note.words, sizeof(note.words), "%s", words);
	if (first_set_note_write(HOST, file, &note, &err) < 0) {
		log_error("%s", err.text);
	}
}

/* From here on the daemon may start. */
static void
become_ready(struct first_set *set)
{
	if (!set->ready) {
		set->ready = true;
		notify_send("READY=1");
	}
}

static void
end(struct first_set *set, int status)
{
	set->status = status;
	set->over = true;
	uv_stop(&set->loop);
}

/* Leave the stamp and end: nothing more is to be done in this boot. */
static void
finish(struct first_set *set, const char *words)
{
	if (set->options->force) {
		first_set_good_renew(words); /* an operator knows better than the file */
	}
	leave(set, FIRST_SET_STAMP, words);
	first_set_note_drop(HOST, FIRST_SET_REFUSED);
	first_set_note_drop(HOST, FIRST_SET_WAITING);
	become_ready(set);
	end(set, 0);
}

static bool
is_done(void)
{
	return first_set_note_exists(HOST, FIRST_SET_STAMP);
}

static void
on_again(uv_timer_t *timer)
{
	struct first_set *set = timer->data;

	if (is_done() && !set->verifying && !set->options->force && !set->options->dry_run) {
		log_info("done by somebody else meanwhile");
		become_ready(set);
		end(set, 0);
	} else {
		ask(set);
	}
}

/* ntpd's `limited` tolerates one question per 8 s, after a few at once. */
static void
ask_later(struct first_set *set)
{
	static const unsigned pauses_s[2][3] = { { 4, 6, 8 }, { 16, 32, 64 } };
	unsigned round = set->rounds++;

	uv_timer_start(
	    &set->again, on_again, 1000 * pauses_s[set->ready][round < 2 ? round : 2], 0);
}

/* Leave the rest to first_set_late(); whoever started this program stops the daemon for it. */
static void
go_late(struct first_set *set)
{
	set->set_ns = set->verdict.offset_ns;
	set->verdict.offset_ns = 0;
	leave(set, FIRST_SET_LATE, set->verdict.words);
	log_info("%s is stopped for it, and started again", set->conf.driver->unit);
	become_ready(set);
	end(set, FIRST_SET_GO_LATE);
}

/* The daemon does not run, so nobody disciplines the clock: set it at once. */
static void
set_clock(struct first_set *set)
{
	char text[CLOCK_TEXT_BYTES], by[DURATION_TEXT_BYTES];
	struct error err;

	if (first_set_clock(set->verdict.offset_ns, &err) < 0) {
		log_error("the clock cannot be set: %s", err.text);
		become_ready(set);
		end(set, 1);
		return;
	}
	set->set_ns = set->verdict.offset_ns;
	set->verdict.offset_ns = 0;
	leave(set, FIRST_SET_STAMP, set->verdict.words); /* set once, whatever happens now */
	log_warning("the clock was set by %s, to %s", duration_text(set->set_ns, by),
	    clock_text(clock_real_ns(), text));
	set->verifying = true;
	uv_timer_start(&set->again, on_again, VERIFY_MS, 0);
}

/* What the second measurement says of a clock that was set. */
static void
take_verification(struct first_set *set)
{
	static const struct {
		enum log_level level;
		const char *words;
	} seen[] = {
		[FIRST_SET_KEEP] = { LOG_LEVEL_INFO, "seen to be right" },
		[FIRST_SET_WAIT] = { LOG_LEVEL_WARNING, "not seen to be right" },
		[FIRST_SET_SET] = { LOG_LEVEL_ERROR, "wrong all the same" },
		[FIRST_SET_REFUSE] = { LOG_LEVEL_ERROR, "wrong all the same" },
	};
	char words[300];

	snprintf(words, sizeof(words), "set, and %s: %s", seen[set->verdict.kind].words,
	    set->verdict.words);
	say(set, seen[set->verdict.kind].level, words);
	finish(set, words);
}

static void
on_query(struct query *query, const struct daemon_status *status, const char *error UNUSED)
{
	struct first_set *set = query->owner;
	bool follows = status && status->leap != LEAP_UNSYNC && status->stratum < 16;
	char words[160];

	if (follows && !set->options->force) {
		snprintf(words, sizeof(words), "left alone: %s follows %s meanwhile",
		    set->conf.driver->unit, status->selected[0] ? status->selected : "itself");
		say(set, LOG_LEVEL_INFO, words);
		finish(set, words);
	} else if (set->verdict.kind == FIRST_SET_SET) {
		go_late(set);
	} else {
		ask_later(set);
	}
}

/*
 * Act on the verdict.  A daemon that does not run has not begun yet, or gave up; this one is
 * started by whoever started this program, once this has ended well.
 */
static void
act(struct first_set *set)
{
	bool runs = host_unit_runs(HOST, set->conf.driver->unit);

	if (set->verdict.kind == FIRST_SET_KEEP) {
		finish(set, set->verdict.words);
	} else if (runs) {
		query_start_confined(&set->query, &set->loop, set->conf.driver, on_query);
	} else if (set->verdict.kind == FIRST_SET_SET) {
		set_clock(set);
	} else {
		ask_later(set);
	}
}

static void
take_refusal(struct first_set *set)
{
	say(set, LOG_LEVEL_ERROR, set->verdict.words);
	leave(set, FIRST_SET_REFUSED, set->verdict.words);
	first_set_note_drop(HOST, FIRST_SET_WAITING);
	become_ready(set);
	if (notify_is_wanted()) {
		ask_later(set);
	} else {
		end(set, 1);
	}
}

static void
take_silence(struct first_set *set)
{
	say(set, LOG_LEVEL_WARNING, set->verdict.words);
	if (!set->ready || set->options->dry_run) {
		ask_later(set);
		return;
	}
	leave(set, FIRST_SET_WAITING, set->verdict.words);
	first_set_note_drop(HOST, FIRST_SET_REFUSED);
	act(set);
}

static void
take_verdict(struct first_set *set)
{
	const struct first_set_verdict *verdict = &set->verdict;

	if (verdict->kind == FIRST_SET_WAIT) {
		take_silence(set);
	} else if (set->options->dry_run) {
		log_info("%s%s", verdict->words,
		    verdict->kind == FIRST_SET_SET          ? "; it would be set"
			: verdict->kind == FIRST_SET_REFUSE ? "; refused"
							    : "; it would be left alone");
		end(set, verdict->kind == FIRST_SET_REFUSE ? 1 : 0);
	} else if (verdict->kind == FIRST_SET_REFUSE) {
		take_refusal(set);
	} else {
		say(set, LOG_LEVEL_INFO, verdict->words);
		act(set);
	}
}

/* Returns when the daemon last wrote its drift file, by the file's time; 0: never. */
static int64_t
synced_ns(const struct first_set *set)
{
	struct stat info;

	return stat(set->conf.driver->drift_path, &info) < 0 ? 0 : info.st_mtim.tv_sec * NS_PER_S;
}

static void
on_measured(struct measure *measure)
{
	struct first_set *set = measure->owner;
	struct select_source sources[MEASURE_TARGETS_MAX], witnesses[MEASURE_TARGETS_MAX];
	int64_t now_ns = clock_boot_ns();
	size_t count = 0;
	struct first_set_case input = {
		.quorum = set->conf.quorum,
		.limit_ns = set->conf.limit_ns,
		.real_ns = clock_real_ns(),
		.built_ns = version_built_ns(),
		.synced_ns = synced_ns(set),
		.agreed_ns = set->agreed_boot_ns > 0 ? now_ns - set->agreed_boot_ns : 0,
		.bounded = set->conf.bounded,
		.good_ns = first_set_good_ns(),
		.witnesses = witnesses,
		.force = set->options->force || set->verifying,
	};

	if (set->over) {
		return;
	}
	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];

		const struct first_set_source *source =
		    &set->conf.sources[set->asked[target->source]];

		if (target->kiss[0]) {
			set->quiet_until_ns[set->asked[target->source]] = now_ns + KISS_NS;
		}
		if (source->key) {
			first_set_vote(target, now_ns, &witnesses[input.witness_count++]);
		}
		if (!source->witness) {
			first_set_vote(target, now_ns, &sources[count++]);
		}
	}
	first_set_judge(&input, sources, count, &set->verdict);
	if (set->verdict.kind == FIRST_SET_WAIT) {
		set->agreed_boot_ns = 0;
	} else if (set->agreed_boot_ns == 0) {
		set->agreed_boot_ns = now_ns;
	}
	if (set->verifying) {
		take_verification(set);
	} else {
		take_verdict(set);
	}
}

static void
ask(struct first_set *set)
{
	struct measure_request request = {
		.samples = set->rounds == 0 && !set->verifying ? SAMPLES : 1,
		.spacing_ns = SPACING_NS,
		.timeout_ns = ANSWER_NS,
		.limit_ns = ROUND_NS,
		.port = NTP_PORT,
	};
	int64_t now_ns = clock_boot_ns();

	for (size_t i = 0; i < set->conf.source_count; i++) {
		if (now_ns < set->quiet_until_ns[i]) {
			continue;
		}
		set->asked[request.count] = i;
		request.names[request.count] = set->conf.sources[i].name;
		request.keys[request.count] = set->conf.sources[i].key;
		request.addresses[request.count++] =
		    set->conf.sources[i].pool > 0 ? set->conf.sources[i].pool : 1;
	}
	set->measure.owner = set->query.owner = set;
	measure_run(&set->measure, &set->loop, &request, on_measured);
}

static void
on_patience(uv_timer_t *timer)
{
	struct first_set *set = timer->data;

	if (set->ready || set->verifying || query_is_running(&set->query)) {
		return; /* the verdict is being acted on */
	}
	log_warning("no quorum within %d s: %s starts with the clock as it is, and the sources are "
		    "asked on",
	    PATIENCE_MS / 1000, set->conf.driver->unit);
	if (!set->options->dry_run) {
		leave(set, FIRST_SET_WAITING, set->said[0] ? set->said : "no source answers");
	}
	set->rounds = 0;
	become_ready(set);
	if (!notify_is_wanted()) {
		end(set, 1);
	}
}

static void
start_timer(struct first_set *set, uv_timer_t *timer)
{
	uv_timer_init(&set->loop, timer);
	timer->data = set;
}

/* Give up what is open, and let the loop close it. */
static void
close_all(struct first_set *set)
{
	if (set->measure.running) {
		measure_stop(&set->measure);
	}
	uv_close((uv_handle_t *)&set->again, NULL);
	uv_close((uv_handle_t *)&set->patience, NULL);
	uv_run(&set->loop, UV_RUN_DEFAULT);
	uv_loop_close(&set->loop);
	query_free(&set->query);
}

static bool
needs_nothing(struct first_set *set)
{
	struct first_set_note note = { .words = "its stamp cannot be read" };

	if (set->conf.voter_count == 0) {
		say(set, LOG_LEVEL_INFO, "left alone: there is nobody to ask");
		leave(set, FIRST_SET_STAMP, set->said);
		return true;
	}
	if (set->options->force || set->options->dry_run || !is_done()) {
		return false;
	}
	(void)first_set_note_read(HOST, FIRST_SET_STAMP, &note);
	log_info("done in this boot already: %s", note.words);
	return true;
}

int
first_set_run(const struct first_set_options *options, struct error *err)
{
	struct first_set *set = calloc(1, sizeof(*set));
	int status = 0;

	if (!set) {
		abort();
	}
	set->options = options;
	if (first_set_conf_read(options->config, &set->conf, err) < 0 ||
	    confine_self(set->conf.driver->drift_path, err) < 0) {
		explicit_bzero(set, sizeof(*set));
		free(set);
		return -1;
	}
	if (needs_nothing(set)) {
		become_ready(set);
	} else {
		uv_loop_init(&set->loop);
		start_timer(set, &set->again);
		start_timer(set, &set->patience);
		uv_timer_start(&set->patience, on_patience, PATIENCE_MS, 0);
		ask(set);
		uv_run(&set->loop, UV_RUN_DEFAULT);
		close_all(set);
		status = set->status;
	}
	explicit_bzero(set, sizeof(*set)); /* keys were in it */
	free(set);
	return status;
}
