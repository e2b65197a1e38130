#include "orchestrator/rollout/plan/init.h"

#include <string.h>

#define UNIT_FOLDER "/etc/systemd/"

/* The file of systemd that is among the files of a host, or NULL. */
static const char *
unit_of(const struct file_set *set)
{
	for (size_t i = 0; set && i < set->count; i++) {
		const struct file_entry *entry = &set->list[i];

		if (!entry->absent && strncmp(entry->path, UNIT_FOLDER, strlen(UNIT_FOLDER)) == 0) {
			return entry->path;
		}
	}
	return NULL;
}

int
plan_refuse_init(const struct plan_input *input, struct error *err)
{
	const struct facts *facts = input->facts;
	const char *unit;

	if (facts->systemd) {
		return 0;
	}
	if (!facts->openrc) {
		return error_set(err,
		    "the host runs neither systemd nor OpenRC: nobody there would put back a "
		    "change that is not confirmed");
	}
	if (facts->lacks && *facts->lacks) {
		return error_set(err,
		    "the host lacks %s, without which nobody there would put back a change that is "
		    "not confirmed: install them (on Alpine `apk add coreutils util-linux shadow`)",
		    facts->lacks);
	}
	unit = unit_of(input->files);
	if (unit) {
		return error_set(err,
		    "%s is a file of systemd, and the host runs OpenRC, where timetier configures "
		    "clients, and no servers",
		    unit);
	}
	return 0;
}

int
plan_refuse_mask(const struct plan_input *input, const struct host_plan *plan, struct error *err)
{
	const struct fact_unit *unit =
	    input->driver ? facts_unit(input->facts, input->driver->unit) : NULL;

	if (!plan->restart || !unit || !unit->masked) {
		return 0;
	}
	return error_set(err,
	    "%s is masked there, so nothing could start %s: `systemctl unmask %s`, if that was not "
	    "meant; where an `apply --install` was cut short, the next one ends it",
	    unit->name, input->driver->title, unit->name);
}

void
plan_bring_program(const struct plan_input *input, struct host_plan *plan)
{
	const struct facts *facts = input->facts;

	if ((facts->systemd && !(plan->restart && plan_must_measure(input))) ||
	    !input->agent_hash ||
	    (facts->agent_hash && strcmp(facts->agent_hash, input->agent_hash) == 0)) {
		return;
	}
	plan->agent_upload = true;
	if (!input->agent_files && plan->reason_count < PLAN_REASONS_MAX) {
		plan->reasons[plan->reason_count++] =
		    "the agent's program, which tells what a restart does, is brought; it runs as "
		    "no service";
	}
}
