#include "orchestrator/show/plan.h"

#include "common/arena.h"
#include "common/digest.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/rollout/advice/advice.h"
#include "orchestrator/show/plan_text.h"
#include "orchestrator/topology/fold.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define RANGES_MAX 8    /* of names that are shown in one place */
#define OWN_NAME '\x02' /* stands in a text for the host's own name */
#define ACTION_TEXT_BYTES 96

/* Hosts to which the same happens. */
struct group {
	uint8_t key[SHA256_BYTES];
	const char *text; /* what happens, with OWN_NAME */
	const struct rollout_host *first;
	const char **names;
	size_t count;
};

struct groups {
	struct arena arena;
	struct group *list;
	size_t count;
};

static bool
is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Add @text to @out, with OWN_NAME in place of each @name that stands alone. */
static void
mark_name(struct buf *out, const char *text, const char *name)
{
	const char *from = text, *at = text;
	size_t len = strlen(name);

	while ((at = strstr(at, name))) {
		if ((at == text || !is_of_name(at[-1])) && !is_of_name(at[len])) {
			buf_add(out, from, (size_t)(at - from));
			buf_add(out, (const char[]){ OWN_NAME }, 1);
			from = at + len;
		}
		at += len;
	}
	buf_text(out, from);
}

/* Find the group of @host, or add one. */
static struct group *
group_of(struct groups *groups, const struct rollout_host *host, bool colour)
{
	struct buf text = { .limit_bytes = 0 }, marked = { .limit_bytes = 0 };
	struct group *group = groups->list, *end = groups->list + groups->count;
	uint8_t key[SHA256_BYTES];

	buf_printf(&text, "%s", plan_text_role(host->host));
	plan_text_host(&text, host, colour);
	for (size_t i = 0; i < text.len; i++) {
		text.data[i] = text.data[i] == OWN_NAME ? '?' : text.data[i];
	}
	mark_name(&marked, buf_str(&text), host->host->name);
	sha256(marked.data, marked.len, key);
	while (group < end && memcmp(group->key, key, sizeof(key)) != 0) {
		group++;
	}
	if (group == end) {
		groups->count++;
		memcpy(group->key, key, sizeof(key));
		group->text = arena_strdup(&groups->arena, buf_str(&marked));
		group->first = host;
	}
	buf_free(&text);
	buf_free(&marked);
	return group;
}

/* Whether there is something for which somebody wants to see the host; a note stands beside it. */
static bool
has_advice(const struct host_plan *plan)
{
	for (size_t i = 0; i < plan->advice_count; i++) {
		if (!plan->advice[i].accepted && plan->advice[i].rule->severity > SEVERITY_NOTE) {
			return true;
		}
	}
	return false;
}

static bool
is_shown(const struct rollout_host *host)
{
	return host->outcome == HOST_CHANGES || host->plan.note_count > 0 || host->way_count > 0 ||
	    has_advice(&host->plan);
}

static void
find_groups(struct groups *groups, const struct rollout_host *hosts, size_t count, bool colour)
{
	size_t *of = arena_alloc(&groups->arena, (count + 1) * sizeof(*of));

	groups->list = arena_alloc(&groups->arena, (count + 1) * sizeof(*groups->list));
	for (size_t i = 0; i < count; i++) {
		if (is_shown(&hosts[i])) {
			struct group *group = group_of(groups, &hosts[i], colour);

			of[i] = (size_t)(group - groups->list);
			group->count++;
		}
	}
	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];

		group->names = arena_alloc(&groups->arena, group->count * sizeof(*group->names));
		group->count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_shown(&hosts[i])) {
			struct group *group = &groups->list[of[i]];

			group->names[group->count++] = hosts[i].host->name;
		}
	}
}

static void
print_group(const struct group *group, bool colour)
{
	struct buf names = { .limit_bytes = 0 };

	names_fold(&names, group->names, group->count, RANGES_MAX);
	printf("%s%s%s (", colour ? COLOUR_BOLD : "", buf_str(&names), colour ? COLOUR_NONE : "");
	if (group->count > 1) {
		printf("%zu of ", group->count);
	}
	for (const char *at = group->text; *at; at++) {
		if (*at == OWN_NAME) {
			fputs(group->count == 1 ? group->names[0] : "HOST", stdout);
		} else {
			putchar(*at);
		}
	}
	puts("");
	buf_free(&names);
}

/* "restart, rekey": what is done to the daemons of a wave, the most disruptive first. */
static void
action_text(const struct rollout_host *hosts, size_t count, unsigned wave, char *out)
{
	bool done[FILE_ACTION_RESTART + 1] = { false };
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].wave == wave) {
			done[plan_action(&hosts[i].plan)] = true;
		}
	}
	out[0] = '\0';
	for (int i = FILE_ACTION_RESTART; i >= 0 && len < ACTION_TEXT_BYTES; i--) {
		if (done[i]) {
			len += (size_t)snprintf(out + len, ACTION_TEXT_BYTES - len, "%s%s",
			    len ? ", " : "",
			    i == FILE_ACTION_NONE ? "files alone"
						  : file_action_name((enum file_action)i));
		}
	}
}

static void
print_wave(const struct estimate_input *estimate, const struct rollout_host *hosts, size_t count,
    unsigned wave)
{
	struct estimate took = estimate_wave(estimate, hosts, count, wave);
	char about[ESTIMATE_TEXT_BYTES], action[ACTION_TEXT_BYTES];
	struct buf names = { .limit_bytes = 0 };
	struct arena arena = { .blocks = NULL };
	const char **list = arena_alloc(&arena, (count + 1) * sizeof(*list));
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].wave == wave) {
			list[found++] = hosts[i].host->name;
		}
	}
	names_fold(&names, list, found, RANGES_MAX);
	action_text(hosts, count, wave, action);
	printf("  %u. %-28s %s, about %s\n", wave, buf_str(&names), action,
	    estimate_text(took.about_ns, about));
	buf_free(&names);
	arena_free(&arena);
}

static void
print_order(const struct estimate_input *estimate, const struct rollout_host *hosts, size_t count,
    unsigned waves)
{
	struct estimate all = estimate_wave(estimate, hosts, count, 0);
	char about[ESTIMATE_TEXT_BYTES], most[ESTIMATE_TEXT_BYTES];

	printf("order, about %s in all, at most %s:\n", estimate_text(all.about_ns, about),
	    estimate_text(all.most_ns, most));
	for (unsigned wave = 1; wave <= waves; wave++) {
		print_wave(estimate, hosts, count, wave);
	}
	puts("");
}

static void
print_hand(const struct rollout_host *hosts, size_t count)
{
	struct buf names = { .limit_bytes = 0 };
	struct arena arena = { .blocks = NULL };
	const char **list = arena_alloc(&arena, (count + 1) * sizeof(*list));
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].plan.hand_count > 0) {
			list[found++] = hosts[i].host->name;
		}
	}
	if (found > 0) {
		names_fold(&names, list, found, RANGES_MAX);
		printf("changed by hand since timetier put it there, and undone by this: %s\n\n",
		    buf_str(&names));
	}
	buf_free(&names);
	arena_free(&arena);
}

void
plan_show(const struct rollout *rollout, const struct estimate_input *estimate, bool colour)
{
	struct groups groups = { .count = 0 };
	size_t changes = rollout_count(rollout, HOST_CHANGES);
	size_t failed = rollout_count(rollout, HOST_FAILED) + rollout_count(rollout, HOST_REFUSED);
	size_t away = rollout_count(rollout, HOST_AWAY), same, count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	find_groups(&groups, hosts, count, colour);
	for (size_t i = 0; i < groups.count; i++) {
		print_group(&groups.list[i], colour);
	}
	if (changes > 0) {
		print_hand(hosts, count);
		print_order(estimate, hosts, count, rollout_waves(rollout));
	}
	same = count - changes - failed - away;
	printf("%zu host%s: %zu to change, %zu as %s should be", count, count == 1 ? "" : "s",
	    changes, same, same == 1 ? "it" : "they");
	if (failed > 0) {
		printf(", %zu not planned", failed);
	}
	if (away > 0) {
		printf(", %zu not reached and left out", away);
	}
	puts("");
	arena_free(&groups.arena);
}
