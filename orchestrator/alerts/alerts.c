#include "orchestrator/alerts/alerts.h"

#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_AGAIN_NS (60 * NS_PER_S) /* Alertmanager forgets what it is not told again */

void
alerts_done(struct alerts *alerts)
{
	free(alerts->list);
	*alerts = (struct alerts){ 0 };
}

/* A host that was silent before our start is "not heard" after it: the same alert. */
static enum condition_code
code_of(const struct condition *condition)
{
	return condition->code == CONDITION_NOT_HEARD ? CONDITION_SILENT : condition->code;
}

static const char *
where_of(const struct conditions *conditions, const struct condition *condition)
{
	const struct host *host;

	if (condition_scope(condition->code) != SCOPE_HOST) {
		return condition->name;
	}
	host = &conditions->topology->hosts[condition->subject];
	return host->tier ? host->tier->name : host->group->name;
}

static struct alert *
find(const struct alerts *alerts, enum condition_code code, const char *where)
{
	for (size_t i = 0; i < alerts->count; i++) {
		if (alerts->list[i].code == code && strcmp(alerts->list[i].where, where) == 0) {
			return &alerts->list[i];
		}
	}
	return NULL;
}

static struct alert *
add(struct alerts *alerts, enum condition_code code, const char *where)
{
	struct alert *made;

	if (alerts->count == alerts->capacity) {
		alerts->capacity = alerts->capacity ? 2 * alerts->capacity : 8;
		alerts->list = realloc(alerts->list, alerts->capacity * sizeof(*alerts->list));
		if (!alerts->list) {
			abort();
		}
	}
	made = &alerts->list[alerts->count++];
	*made = (struct alert){ .code = code };
	snprintf(made->where, sizeof(made->where), "%s", where);
	return made;
}

static void
take(struct alert *alert, const struct condition *condition, int64_t since_ns)
{
	if (!alert->standing) { /* the first of this round; what is over keeps its words */
		alert->count = 0;
		memset(alert->subjects, 0, sizeof(alert->subjects));
	}
	if (alert->count == 0 || health_state_is_worse(condition->state, alert->state)) {
		alert->state = condition->state;
		snprintf(alert->reason, sizeof(alert->reason), "%s", condition->reason);
	}
	if (!alert->standing || since_ns < alert->since_ns) {
		alert->since_ns = since_ns;
	}
	if (alert->count < ALERT_SUBJECTS) {
		snprintf(alert->subjects[alert->count], sizeof(alert->subjects[0]), "%s",
		    condition->name);
	}
	alert->count++;
	alert->standing = alert->seen = true;
}

static bool
is_told(const struct alert *alert)
{
	for (size_t i = 0; i < ALERT_WAYS_MAX; i++) {
		if (alert->told[i].way[0]) {
			return true;
		}
	}
	return false;
}

/* Forget what is over and was told to nobody, or to all who should know. */
static void
sweep(struct alerts *alerts)
{
	size_t kept = 0;

	for (size_t i = 0; i < alerts->count; i++) {
		if (alerts->list[i].standing || is_told(&alerts->list[i])) {
			alerts->list[kept++] = alerts->list[i];
		} else {
			alerts->changed = true;
		}
	}
	alerts->count = kept;
}

void
alerts_update(
    struct alerts *alerts, const struct conditions *conditions, int64_t real_ns, int64_t boot_ns)
{
	struct arena arena = { 0 };
	const struct condition **list = conditions_sorted(conditions, &arena);

	for (size_t i = 0; i < alerts->count; i++) {
		alerts->list[i].standing = false;
	}
	for (size_t i = 0; i < conditions->count; i++) {
		enum condition_code code = code_of(list[i]);
		const char *where = where_of(conditions, list[i]);
		struct alert *alert = find(alerts, code, where);

		if (!alert) {
			alert = add(alerts, code, where);
		}
		take(alert, list[i], real_ns - (boot_ns - list[i]->since_ns));
	}
	arena_free(&arena);
	sweep(alerts);
}

static struct alert_told *
told_by(struct alert *alert, const char *way)
{
	for (size_t i = 0; i < ALERT_WAYS_MAX; i++) {
		if (strcmp(alert->told[i].way, way) == 0) {
			return &alert->told[i];
		}
	}
	return NULL;
}

static bool
is_due(struct alert *alert, const struct alert_way *way, int64_t real_ns)
{
	const struct alert_told *told = told_by(alert, way->name);
	int64_t repeat_ns = way->form == ALERT_ALERTMANAGER ? TOLD_AGAIN_NS : way->repeat_ns;

	if (way->least == ALERT_BAD && alert->state != STATE_BAD && alert->state != STATE_STALE) {
		return false;
	}
	if (!told) {
		return real_ns - alert->since_ns >= way->hold_ns;
	}
	return health_state_is_worse(alert->state, told->state) ||
	    real_ns - told->at_ns >= repeat_ns;
}

size_t
alerts_due(const struct alerts *alerts, const struct alert_way *way, int64_t real_ns,
    int64_t boot_ns, struct alert_due **due)
{
	size_t count = 0;

	*due = NULL;
	for (size_t i = 0; i < alerts->count; i++) {
		struct alert *alert = &alerts->list[i];
		bool over = !alert->standing;
		bool known = alert->seen || boot_ns - alerts->begun_ns > ALERT_BEGIN_NS;

		if (over ? !known || !told_by(alert, way->name) : !is_due(alert, way, real_ns)) {
			continue;
		}
		if (!*due) {
			*due = calloc(alerts->count, sizeof(**due));
		}
		if (!*due) {
			abort();
		}
		(*due)[count++] = (struct alert_due){ *alert, over };
	}
	return count;
}

void
alerts_note(struct alerts *alerts, const char *way, const struct alert_due *due, int64_t real_ns)
{
	struct alert *alert = find(alerts, due->alert.code, due->alert.where);
	struct alert_told *told = alert ? told_by(alert, way) : NULL;

	if (alert && !told) {
		told = told_by(alert, "");
	}
	if (!told) {
		return; /* it is gone; or more ways than may be were declared one after the other */
	}
	*told = (struct alert_told){
		.state = due->alert.state, .count = due->alert.count, .at_ns = real_ns
	};
	snprintf(told->way, sizeof(told->way), "%s", due->over ? "" : way);
	alerts->changed = true;
}
