#include "orchestrator/probe/round.h"

#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/probe/replace.h"

#include <stdio.h>
#include <string.h>

static void
add_views(const struct upstream *upstream, struct probe_view *views, size_t *count)
{
	for (size_t i = 0; i < upstream->addresses.count; i++) {
		struct probe_view *view = &views[(*count)++];

		view->upstream = upstream;
		view->address = &upstream->addresses.list[i];
		view->smears = upstream->smear != SMEAR_NONE;
		view->target.same_as = -1;
	}
}

size_t
probe_views(const struct topology *topology, const struct upstream *const *upstreams, size_t count,
    struct arena *arena, struct probe_view **views)
{
	size_t room = 0, used = 0;

	for (size_t i = 0; i < (count ? count : topology->upstream_count); i++) {
		room += (count ? upstreams[i] : &topology->upstreams[i])->addresses.count;
	}
	*views = arena_alloc(arena, (room + 1) * sizeof(**views));
	memset(*views, 0, (room + 1) * sizeof(**views));
	for (size_t i = 0; i < (count ? count : topology->upstream_count); i++) {
		add_views(count ? upstreams[i] : &topology->upstreams[i], *views, &used);
	}
	probe_recognise(*views, used);
	return used;
}

unsigned
probe_hour(const struct probe_view *view)
{
	unsigned least_s = view->service ? view->service->least_s : 0;
	unsigned hour = least_s > 0 ? 3600 / least_s : RATION_HOUR;

	return hour > RATION_HOUR ? RATION_HOUR : hour < 1 ? 1 : hour;
}

size_t
round_make(struct round *round, const struct probe_how *how, struct probe_view *views, size_t count,
    size_t from)
{
	struct measure_request *request = &round->questions.request;

	request->samples = how->samples;
	request->timeout_ns = how->timeout_ns;
	request->spacing_ns = RATION_SPACING_NS;
	request->port = (uint16_t)how->port;
	for (; from < count && request->count < MEASURE_TARGETS_MAX; from++) {
		struct probe_view *view = &views[from];
		size_t i = request->count;

		if (questions_add(&round->questions, view->address->text, 1, probe_hour(view),
			(uint16_t)how->port)) {
			round->views[i] = view;
		} else {
			snprintf(view->target.why, sizeof(view->target.why),
			    "its name is too long to be looked up");
		}
	}
	return from;
}

/* The latest of what was known before, and what is new. */
static void
join_samples(struct measure_target *target, const struct measure_target *before)
{
	struct ntp_sample samples[MEASURE_SAMPLES_MAX];
	size_t room = MEASURE_SAMPLES_MAX - target->sample_count;
	size_t kept = before->sample_count < room ? before->sample_count : room;

	if (target->sample_count == 0) {
		return;
	}
	memcpy(samples, before->samples + before->sample_count - kept, kept * sizeof(*samples));
	memcpy(samples + kept, target->samples, target->sample_count * sizeof(*samples));
	target->sample_count += kept;
	memcpy(target->samples, samples, target->sample_count * sizeof(*samples));
}

void
round_take(struct round *round, const struct measure *measure)
{
	for (size_t i = 0; i < measure->target_count; i++) {
		struct probe_view *view = round->views[measure->targets[i].source];
		struct measure_target before = view->target;

		if (measure->targets[i].held && before.sample_count > 0) {
			continue; /* what it said last is what is known */
		}
		view->target = measure->targets[i];
		join_samples(&view->target, &before);
	}
}

void
round_kisses(const struct round *round, struct ration *ration, int64_t boot_ns)
{
	for (size_t i = 0; i < round->questions.request.count; i++) {
		const struct measure_target *target = &round->views[i]->target;

		if (target->kiss[0] && !target->held) {
			ration_kissed(ration, target->address, target->kiss, boot_ns);
			ration_kissed(ration, target->name, target->kiss, boot_ns);
		}
	}
}
