#include "orchestrator/runs/saved/saved.h"

#include "common/digest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ABSENT "absent"
#define SOMEBODY "of somebody else" /* beside ours: it is watched, and left alone */
#define DOES_MAX (16 + FACT_RIVALS_MAX)

/* --- a plan, as it is kept --- */

static const char *
state_text(
    struct arena *arena, const char *content, size_t len, unsigned mode, const char *const names[2])
{
	char hash[SHA256_HEX_BYTES];

	return arena_printf(
	    arena, "%s %04o %s:%s", sha256_hex(content, len, hash), mode, names[0], names[1]);
}

static const char *
present_text(struct arena *arena, const struct fact_file *have)
{
	const char *names[2] = { have ? have->owner : "", have ? have->group : "" };

	return have && have->state == FACT_FILE_REGULAR
	    ? state_text(arena, have->content, have->len, have->mode, names)
	    : ABSENT;
}

static const char *
wanted_text(struct arena *arena, const struct file_entry *want)
{
	const char *names[2] = { want->owner, want->group };

	return want->absent ? ABSENT
			    : state_text(arena, want->content, want->len, want->mode, names);
}

static void
take_set(struct saved_host *saved, const struct rollout_host *host, const struct file_set *set,
    struct arena *arena)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct file_entry *want = &set->list[i];

		saved->files[saved->file_count++] = (struct saved_file){
			arena_strdup(arena, want->path),
			present_text(arena, facts_file(&host->facts, want->path)),
			wanted_text(arena, want),
		};
	}
}

static void
take_beside(struct saved_host *saved, const struct rollout_host *host, struct arena *arena)
{
	for (size_t i = 0; i < host->facts.beside_count; i++) {
		const char *path = host->facts.beside[i];

		if (!file_set_find(&host->files, path)) {
			saved->files[saved->file_count++] =
			    (struct saved_file){ arena_strdup(arena, path), SOMEBODY, SOMEBODY };
		}
	}
}

static void add_doing(struct saved_host *saved, struct arena *arena, const char *fmt, ...)
    PRINTF(3, 4);

static void
add_doing(struct saved_host *saved, struct arena *arena, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	saved->does[saved->does_count++] = arena_strdup(arena, text);
}

static void
take_doings(struct saved_host *saved, const struct rollout_host *host, struct arena *arena)
{
	const struct host_plan *plan = &host->plan;
	const char *unit = host->driver ? host->driver->unit : "";
	const char *agent = facts_agent_service(&host->facts)->name;
	const struct {
		bool does;
		const char *verb, *what;
	} all[] = {
		{ plan->enable, "enable", unit },
		{ plan->first_set_enable, "enable", FIRST_SET_UNIT },
		{ plan->first_set_disable, "disable", FIRST_SET_UNIT },
		{ plan->first_set_stop, "stop", FIRST_SET_UNIT },
		{ plan->good_stop, "stop", FIRST_SET_GOOD_TIMER },
		{ plan->verify_begin, "enable", VERIFY_UNIT },
		{ plan->verify_end, "disable", VERIFY_UNIT },
		{ plan->agent_upload, "put", AGENT_BINARY },
		{ plan->agent_enable, "enable", agent },
		{ plan->agent_restart, "restart", agent },
		{ plan->restart, "restart", unit },
		{ plan->rekey, "rekey", unit },
		{ plan->reload_sources, "reload sources of", unit },
	};

	saved->does = arena_alloc(arena, DOES_MAX * sizeof(*saved->does));
	for (size_t i = 0; i < plan->rival_count; i++) {
		add_doing(saved, arena, "disable %s", plan->rivals[i].name);
	}
	for (size_t i = 0; i < COUNT(all); i++) {
		if (all[i].does) {
			add_doing(saved, arena, "%s %s", all[i].verb, all[i].what);
		}
	}
}

static void
take_host(struct saved_host *saved, const struct rollout_host *host, struct arena *arena)
{
	const struct host_plan *plan = &host->plan;
	size_t files = host->files.count + host->agent_files.count + host->facts.beside_count;

	*saved = (struct saved_host){
		.name = arena_strdup(arena, host->host->name),
		.daemon = host->driver ? host->driver->name : "",
		.action = file_action_name(plan_action(plan)),
		.verdict = plan->judged ? verdict_name(plan->verdict.kind) : "",
		.agent = host->facts.agent_hash ? arena_strdup(arena, host->facts.agent_hash) : "",
		.wave = host->wave,
		.files = arena_alloc(arena, (files + 1) * sizeof(*saved->files)),
	};
	take_set(saved, host, &host->files, arena);
	take_set(saved, host, &host->agent_files, arena);
	take_beside(saved, host, arena);
	take_doings(saved, host, arena);
}

void
saved_take_hosts(
    struct saved *saved, const struct rollout_host *hosts, size_t count, struct arena *arena)
{
	saved->hosts = arena_alloc(arena, (count + 1) * sizeof(*saved->hosts));
	saved->host_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].outcome == HOST_CHANGES || hosts[i].outcome == HOST_UNCHANGED) {
			take_host(&saved->hosts[saved->host_count++], &hosts[i], arena);
		}
	}
}

/* --- two of them, side by side --- */

struct comparison {
	saved_tell tell;
	void *ctx;
	const char *host;
	size_t told;
};

static void tell(struct comparison *comparison, const char *fmt, ...) PRINTF(2, 3);

static void
tell(struct comparison *comparison, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	comparison->told++;
	comparison->tell(comparison->ctx, comparison->host, text);
}

static const struct saved_file *
find_file(const struct saved_host *host, const char *path)
{
	for (size_t i = 0; i < host->file_count; i++) {
		if (strcmp(host->files[i].path, path) == 0) {
			return &host->files[i];
		}
	}
	return NULL;
}

static void
compare_file(
    struct comparison *comparison, const struct saved_file *then, const struct saved_file *now)
{
	if (strcmp(then->present, now->present) != 0) {
		bool done = strcmp(now->present, then->wanted) == 0;

		tell(comparison, "%.200s %s", then->path,
		    done                                    ? "is there already as it was to become"
			: strcmp(now->present, ABSENT) == 0 ? "was removed there since"
			: strcmp(then->present, ABSENT) == 0 ? "has come there since"
							     : "was changed there since");
	} else if (strcmp(then->wanted, now->wanted) != 0) {
		tell(comparison,
		    "%.200s should be another now: keys, templates or timetier itself have changed",
		    then->path);
	}
}

static void
compare_files(
    struct comparison *comparison, const struct saved_host *then, const struct saved_host *now)
{
	for (size_t i = 0; i < then->file_count; i++) {
		const struct saved_file *file = find_file(now, then->files[i].path);

		if (file) {
			compare_file(comparison, &then->files[i], file);
		} else {
			tell(comparison, "%.200s %s", then->files[i].path,
			    strcmp(then->files[i].present, SOMEBODY) == 0
				? "was removed there since"
				: "is not asked for any more");
		}
	}
	for (size_t i = 0; i < now->file_count; i++) {
		if (!find_file(then, now->files[i].path)) {
			tell(comparison, "%.200s %s", now->files[i].path,
			    strcmp(now->files[i].present, SOMEBODY) == 0
				? "has come there since"
				: "was not asked for then");
		}
	}
}

static bool
does_it(const struct saved_host *host, const char *what)
{
	for (size_t i = 0; i < host->does_count; i++) {
		if (strcmp(host->does[i], what) == 0) {
			return true;
		}
	}
	return false;
}

static void
compare_doings(
    struct comparison *comparison, const struct saved_host *then, const struct saved_host *now)
{
	for (size_t i = 0; i < then->does_count; i++) {
		if (!does_it(now, then->does[i])) {
			tell(comparison, "there is no need to %.200s any more", then->does[i]);
		}
	}
	for (size_t i = 0; i < now->does_count; i++) {
		if (!does_it(then, now->does[i])) {
			tell(comparison, "it would %.200s now, too", now->does[i]);
		}
	}
}

static bool
is_good(const char *verdict)
{
	return strcmp(verdict, "safe") == 0 || strcmp(verdict, "slew") == 0;
}

/* Measured again, it differs a little each time: only a worse kind counts. */
static bool
is_worse(const char *then, const char *now)
{
	if (!*then || !*now || is_good(now) || strcmp(then, now) == 0) {
		return false;
	}
	return is_good(then) || strcmp(now, "unknown") != 0;
}

static void
compare_host(
    struct comparison *comparison, const struct saved_host *then, const struct saved_host *now)
{
	size_t told = comparison->told;

	if (strcmp(then->daemon, now->daemon) != 0) {
		tell(comparison, "it runs %.60s now, not %.60s", *now->daemon ? now->daemon : "?",
		    *then->daemon ? then->daemon : "?");
		return;
	}
	compare_files(comparison, then, now);
	if (strcmp(then->agent, now->agent) != 0) {
		tell(comparison, AGENT_BINARY " was %s there since",
		    *now->agent ? "changed" : "removed");
	}
	if (comparison->told == told) { /* else it only follows from that */
		compare_doings(comparison, then, now);
	}
	if (is_worse(then->verdict, now->verdict)) {
		tell(comparison, "the verdict of a restart was \"%.40s\" and is \"%.40s\" now",
		    then->verdict, now->verdict);
	}
	if (comparison->told == told && then->wave != now->wave) {
		tell(comparison, "its turn would be %u now, not %u", now->wave, then->wave);
	}
}

static const struct saved_host *
find_host(const struct saved *saved, const char *name, size_t guess)
{
	if (guess < saved->host_count && strcmp(saved->hosts[guess].name, name) == 0) {
		return &saved->hosts[guess];
	}
	for (size_t i = 0; i < saved->host_count; i++) {
		if (strcmp(saved->hosts[i].name, name) == 0) {
			return &saved->hosts[i];
		}
	}
	return NULL;
}

size_t
saved_compare(const struct saved *then, const struct saved *now, saved_tell teller, void *ctx)
{
	struct comparison comparison = { .tell = teller, .ctx = ctx, .host = "" };

	if (strcmp(then->site_sha256, now->site_sha256) != 0) {
		tell(&comparison, "%.300s was changed since", now->site_file);
	}
	if (strcmp(then->agent_sha256, now->agent_sha256) != 0) {
		tell(&comparison, "the agent's program is another one now");
	}
	for (size_t i = 0; i < then->host_count; i++) {
		const struct saved_host *host = find_host(now, then->hosts[i].name, i);

		comparison.host = then->hosts[i].name;
		if (host) {
			compare_host(&comparison, &then->hosts[i], host);
		} else {
			tell(&comparison, "it cannot be planned now");
		}
	}
	return comparison.told;
}
