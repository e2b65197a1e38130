#include "orchestrator/commands/rollout_show.h"

#include <stdio.h>
#include <string.h>

#include "common/duration.h"
#include "orchestrator/commands/rollout_result.h"

#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define CYAN "\x1b[36m"
#define BOLD "\x1b[1m"
#define PLAIN "\x1b[0m"

static const char *
colour_of_line(char sign)
{
	switch (sign) {
	case '+':
		return GREEN;
	case '-':
		return RED;
	case '@':
		return CYAN;
	default:
		return "";
	}
}

static void
print_lines(const char *text, bool colour)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *paint = colour ? colour_of_line(*text) : "";

		printf("%s%.*s%s\n", paint, (int)len, text, *paint ? PLAIN : "");
		text += len + (text[len] == '\n');
	}
}

static void
print_change(const struct rollout_host *host, const struct file_change *change, bool colour)
{
	const char *path = change->entry->path;

	if (*change->mode_text) {
		printf("  %s: %s\n", path, change->mode_text);
	}
	if (change->kind == CHANGE_MODE) {
		return;
	}
	if (change->entry->secret) {
		printf("  %s %s (a secret, not shown)\n", path,
		    change->kind == CHANGE_NEW        ? "is new"
			: change->kind == CHANGE_GONE ? "goes"
						      : "differs");
		return;
	}
	printf("%s--- %s:%s%s\n+++ %s%s\n", colour ? BOLD : "", host->host->name,
	    change->kind == CHANGE_NEW ? "/dev/null" : path,
	    change->kind == CHANGE_GONE ? "/dev/" : "site:",
	    change->kind == CHANGE_GONE ? "null" : path, colour ? PLAIN : "");
	print_lines(change->diff, colour);
}

static const char *
role_text(const struct host *host)
{
	return host->role == HOST_SERVER ? host->tier->name : host->group->name;
}

static void
print_verdict(const struct host_plan *plan)
{
	if (!plan->judged) {
		return;
	}
	printf("  verdict of a restart: %s", verdict_name(plan->verdict.kind));
	for (size_t i = 0; i < plan->verdict.reason_count; i++) {
		printf("%s%s", i ? "; " : " (", plan->verdict.reasons[i]);
	}
	puts(plan->verdict.reason_count ? ")" : "");
}

static void
print_host(const struct rollout_host *host, bool colour)
{
	const struct host_plan *plan = &host->plan;

	printf("%s%s%s (%s%s%s): %s\n", colour ? BOLD : "", host->host->name, colour ? PLAIN : "",
	    role_text(host->host), host->driver ? ", " : "",
	    host->driver ? host->driver->title : "",
	    plan_action(plan) == FILE_ACTION_NONE ? "nothing is done to the daemon"
						  : file_action_name(plan_action(plan)));
	for (size_t i = 0; i < plan->reason_count; i++) {
		printf("  %s\n", plan->reasons[i]);
	}
	for (size_t i = 0; i < plan->hand_count; i++) {
		printf("  by hand: %s %s\n", plan->hand[i].what, plan->hand[i].how);
	}
	print_verdict(plan);
	for (size_t i = 0; i < plan->change_count; i++) {
		print_change(host, &plan->changes[i], colour);
	}
	puts("");
}

static void
print_order(const struct rollout_host *hosts, size_t count, unsigned waves)
{
	puts("order:");
	for (unsigned wave = 1; wave <= waves; wave++) {
		unsigned shown = 0;

		printf("  %u.", wave);
		for (size_t i = 0; i < count; i++) {
			if (hosts[i].wave == wave && ++shown <= 10) {
				printf(" %s", hosts[i].host->name);
			}
		}
		if (shown > 10) {
			printf(" and %u more", shown - 10);
		}
		puts("");
	}
}

static size_t
count_outcomes(const struct rollout_host *hosts, size_t count, enum host_outcome outcome)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		found += hosts[i].outcome == outcome;
	}
	return found;
}

void
rollout_show_plan(const struct rollout *rollout, bool colour)
{
	size_t count, changes, failed;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	changes = count_outcomes(hosts, count, HOST_CHANGES);
	failed = count_outcomes(hosts, count, HOST_FAILED);
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].outcome == HOST_CHANGES) {
			print_host(&hosts[i], colour);
		}
		for (size_t k = 0; k < hosts[i].plan.note_count; k++) {
			printf("%s: note: %s\n", hosts[i].host->name, hosts[i].plan.notes[k]);
		}
		for (size_t k = 0; k < hosts[i].way_count; k++) {
			printf("%s: note: %s\n", hosts[i].host->name, hosts[i].ways[k]);
		}
	}
	if (changes > 0) {
		print_order(hosts, count, rollout_waves(rollout));
		puts("");
	}
	printf("%zu host%s: %zu to change, %zu as %s should be", count, count == 1 ? "" : "s",
	    changes, count - changes - failed, count - changes - failed == 1 ? "it" : "they");
	if (failed > 0) {
		printf(", %zu not planned", failed);
	}
	puts("");
}

static void
print_time(const struct host_time *time)
{
	char offset[DURATION_TEXT_BYTES], bound[DURATION_TEXT_BYTES];

	printf("  follows %s, offset %s, error bound %s",
	    time->selected[0] ? time->selected : "nobody", duration_text(time->offset_ns, offset),
	    duration_text(time->error_bound_ns, bound));
}

void
rollout_show_outcome(const struct rollout *rollout, bool colour)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);
	enum rollout_result result = rollout_result(hosts, count);
	char words[ROLLOUT_RESULT_BYTES];

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];
		bool good = host->outcome == HOST_DONE || host->outcome == HOST_UNCHANGED;

		printf("%-24s %s%-10s%s", host->host->name,
		    !colour    ? ""
			: good ? GREEN
			       : RED,
		    host->skipped ? "not begun" : host_outcome_name(host->outcome),
		    colour ? PLAIN : "");
		if (host->after.told) {
			print_time(&host->after);
		}
		printf("%s%s\n", host->note ? "; " : "", host->note ? host->note : "");
	}
	printf("%s%s%s\n",
	    !colour                     ? ""
		: result == RESULT_DONE ? GREEN
					: RED,
	    rollout_result_words(hosts, count, words), colour ? PLAIN : "");
}
