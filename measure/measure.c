#include "measure/measure.h"

#include "measure/probe.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define RESOLVE_MS 10000 /* a name that takes longer does not resolve */
#define LOOKUPS 64       /* at once, after measure_widen() */
#define SPACING_MIN_MS 2000
#define TIMEOUT_MIN_MS 10
#define TIMEOUT_MAX_MS 10000
#define JITTER_MS 200 /* not to ask all servers at one instant */

/* The lookup of a name.  It may outlive the work: a resolver cannot be interrupted. */
struct lookup {
	uv_getaddrinfo_t request;
	struct measure_work *work; /* NULL: nobody waits for it any more */
	size_t source;
};

struct measure_work {
	struct measure *measure;
	uv_loop_t *loop;
	uv_timer_t timer; /* first the limit for names, then that of the whole */
	uint64_t started_ms, limit_ms;
	unsigned samples, spacing_ms, timeout_ms;
	uint16_t ports[MEASURE_TARGETS_MAX];
	size_t lookups; /* lookups under way */
	size_t probes_running;
	size_t source_count;
	size_t sources_open; /* sources without a target yet: room for one target each is kept */
	struct lookup *lookup[MEASURE_TARGETS_MAX]; /* NULL: done, or not needed */
	char names[MEASURE_TARGETS_MAX][256];
	unsigned addresses[MEASURE_TARGETS_MAX];
	bool has_target[MEASURE_TARGETS_MAX];
	struct mac_key keys[MEASURE_TARGETS_MAX];
	bool keyed[MEASURE_TARGETS_MAX];
	unsigned (*grant)(void *ctx, size_t source, const char *address, unsigned wanted);
	void *grant_ctx;
	struct probe probes[MEASURE_TARGETS_MAX]; /* one for the target of the same index */
};

static void
on_closed(uv_handle_t *handle)
{
	struct measure_work *work = handle->data;
	struct measure *measure = work->measure;

	for (size_t i = 0; i < measure->target_count; i++) {
		struct measure_target *target = &measure->targets[i];

		if (target->same_as >= 0) {
			const struct measure_target *asked = &measure->targets[target->same_as];

			target->held = asked->held;
			target->bogus = asked->bogus;
			memcpy(target->stranger, asked->stranger, sizeof(target->stranger));
			target->sent = asked->sent;
			target->answered = asked->answered;
			target->sample_count = asked->sample_count;
			memcpy(target->kiss, asked->kiss, sizeof(target->kiss));
			memcpy(target->why, asked->why, sizeof(target->why));
			memcpy(target->samples, asked->samples, sizeof(target->samples));
		}
	}
	explicit_bzero(work, sizeof(*work));
	free(work);
	measure->work = NULL;
	measure->running = false;
	measure->done(measure);
}

static void
finish_if_idle(struct measure_work *work)
{
	if (work->lookups == 0 && work->probes_running == 0 &&
	    !uv_is_closing((uv_handle_t *)&work->timer)) {
		uv_close((uv_handle_t *)&work->timer, on_closed);
	}
}

static void
on_probe(struct probe *probe)
{
	struct measure_work *work = probe->owner;

	work->probes_running--;
	finish_if_idle(work);
}

static bool
is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

/* Returns less than JITTER_MS; how random it is does not matter. */
static uint64_t
jitter_ms(void)
{
	uint16_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0) {
		return 0;
	}
	return random % JITTER_MS;
}

static void
start_probe(struct measure_work *work, size_t index, const struct addrinfo *info)
{
	struct measure_target *target = &work->measure->targets[index];
	struct probe *probe = &work->probes[index];
	bool near = is_loopback(info->ai_addr);
	unsigned granted = work->grant
	    ? work->grant(work->grant_ctx, target->source, target->address, work->samples)
	    : work->samples;

	if (granted == 0) {
		target->held = true;
		snprintf(target->why, sizeof(target->why),
		    "it is not asked now: it was asked as often as a public server likes");
		return;
	}
	memcpy(&probe->address, info->ai_addr, info->ai_addrlen);
	probe->target = target;
	probe->samples = granted < work->samples ? granted : work->samples;
	probe->spacing_ms =
	    near || work->spacing_ms > SPACING_MIN_MS ? work->spacing_ms : SPACING_MIN_MS;
	probe->timeout_ms = work->timeout_ms;
	probe->has_key = work->keyed[target->source];
	probe->key = work->keys[target->source];
	probe->done = on_probe;
	probe->owner = work;
	work->probes_running++;
	probe_start(probe, work->loop, near ? 0 : jitter_ms());
}

/* Returns a new target; NULL: the room that is left is for names that have no target yet. */
static struct measure_target *
add_target(struct measure_work *work, size_t source)
{
	struct measure *measure = work->measure;
	struct measure_target *target;

	if (!work->has_target[source]) {
		work->has_target[source] = true;
		work->sources_open--;
	} else if (MEASURE_TARGETS_MAX - measure->target_count <= work->sources_open) {
		return NULL;
	}
	target = &measure->targets[measure->target_count++];
	memset(target, 0, sizeof(*target));
	memcpy(target->name, work->names[source], sizeof(target->name));
	target->source = source;
	target->same_as = -1;
	return target;
}

/* Add a target that says why @source, which has no other target, cannot be asked. */
static void
add_failed(struct measure_work *work, size_t source, const char *why)
{
	struct measure_target *target = add_target(work, source);

	snprintf(target->why, sizeof(target->why), "%s", why);
}

/* Returns the index of the earlier target of this address; -1: none. */
static int
find_address(const struct measure *measure, const char *address)
{
	for (size_t i = 0; i < measure->target_count; i++) {
		if (strcmp(measure->targets[i].address, address) == 0 &&
		    measure->targets[i].same_as < 0) {
			return (int)i;
		}
	}
	return -1;
}

/* Whether this host has a route to the address; no packet is sent. */
static bool
has_route(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has;

	if (fd < 0) {
		return false;
	}
	has = connect(fd, info->ai_addr, info->ai_addrlen) == 0;
	close(fd);
	return has;
}

/* Add a target for the address; returns whether it did. */
static bool
add_address(struct measure_work *work, size_t source, const struct addrinfo *info)
{
	struct measure *measure = work->measure;
	struct measure_target *target;
	char address[sizeof(target->address)];
	int same;

	if (getnameinfo(info->ai_addr, info->ai_addrlen, address, sizeof(address), NULL, 0,
		NI_NUMERICHOST) != 0) {
		return false;
	}
	same = find_address(measure, address);
	if (same >= 0 && measure->targets[same].source == source) {
		return false;
	}
	target = add_target(work, source);
	if (!target) {
		return false;
	}
	memcpy(target->address, address, sizeof(address));
	target->same_as = same;
	if (same < 0) {
		start_probe(work, measure->target_count - 1, info);
	}
	return true;
}

/* Tell each target of the name how many addresses that has, in the family that has more. */
static void
count_addresses(struct measure_work *work, size_t source, const struct addrinfo *list)
{
	struct measure *measure = work->measure;
	unsigned v4 = 0, v6 = 0;

	for (const struct addrinfo *at = list; at; at = at->ai_next) {
		v4 += at->ai_family == AF_INET;
		v6 += at->ai_family == AF_INET6;
	}
	for (size_t i = 0; i < measure->target_count; i++) {
		if (measure->targets[i].source == source) {
			measure->targets[i].of_name = v4 > v6 ? v4 : v6;
		}
	}
}

/* Add targets for a name's addresses; those without a route only when there are no others. */
static void
add_addresses(struct measure_work *work, size_t source, const struct addrinfo *list)
{
	unsigned added = 0;

	for (int with_route = 1; with_route >= 0 && added == 0; with_route--) {
		for (const struct addrinfo *at = list; at; at = at->ai_next) {
			if (added < work->addresses[source] &&
			    (at->ai_family == AF_INET || at->ai_family == AF_INET6) &&
			    has_route(at) == with_route && add_address(work, source, at)) {
				added++;
			}
		}
	}
	if (added == 0) {
		add_failed(work, source, "none of its addresses can be asked");
	}
	count_addresses(work, source, list);
}

static void
on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct lookup *lookup = request->data;
	struct measure_work *work = lookup->work;
	char why[128];

	if (work) {
		work->lookup[lookup->source] = NULL;
		work->lookups--;
		if (status == 0) {
			add_addresses(work, lookup->source, list);
		} else {
			snprintf(why, sizeof(why), "it does not resolve: %s", uv_strerror(status));
			add_failed(work, lookup->source, why);
		}
		finish_if_idle(work);
	}
	uv_freeaddrinfo(list);
	free(lookup);
}

/* Wait for names no longer; lookups that did not begin yet are cancelled. */
static void
abandon_lookups(struct measure_work *work)
{
	for (size_t i = 0; i < work->source_count; i++) {
		struct lookup *lookup = work->lookup[i];

		if (lookup) {
			lookup->work = NULL;
			uv_cancel((uv_req_t *)&lookup->request);
			add_failed(work, i, "it does not resolve: the resolver takes too long");
			work->lookup[i] = NULL;
		}
	}
	work->lookups = 0;
}

static void
give_up(struct measure_work *work)
{
	abandon_lookups(work);
	for (size_t i = 0; i < work->measure->target_count; i++) {
		probe_stop(&work->probes[i]);
	}
	finish_if_idle(work);
}

static void
on_limit(uv_timer_t *timer)
{
	give_up(timer->data);
}

/* The time for names is over. */
static void
on_names(uv_timer_t *timer)
{
	struct measure_work *work = timer->data;
	uint64_t gone_ms;

	abandon_lookups(work);
	finish_if_idle(work);
	if (work->limit_ms > 0 && !uv_is_closing((uv_handle_t *)timer)) {
		gone_ms = uv_now(work->loop) - work->started_ms;
		uv_timer_start(
		    timer, on_limit, gone_ms < work->limit_ms ? work->limit_ms - gone_ms : 0, 0);
	}
}

static void
start_lookup(struct measure_work *work, size_t source, const struct addrinfo *hints)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	char port[8];
	int status;

	if (!lookup) {
		abort();
	}
	lookup->request.data = lookup;
	lookup->work = work;
	lookup->source = source;
	snprintf(port, sizeof(port), "%u", work->ports[source]);
	status = uv_getaddrinfo(
	    work->loop, &lookup->request, on_lookup, work->names[source], port, hints);
	if (status < 0) {
		add_failed(work, source, uv_strerror(status));
		free(lookup);
		return;
	}
	work->lookup[source] = lookup;
	work->lookups++;
}

/* An address needs no resolver, and must not wait for the names before it. */
static void
start_source(struct measure_work *work, size_t source)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *list = NULL;
	char port[8];

	snprintf(port, sizeof(port), "%u", work->ports[source]);
	if (getaddrinfo(work->names[source], port, &hints, &list) == 0) {
		add_addresses(work, source, list);
		freeaddrinfo(list);
		return;
	}
	hints.ai_flags = 0;
	start_lookup(work, source, &hints);
}

static unsigned
clamp_ms(int64_t ns, unsigned least, unsigned most)
{
	int64_t ms = ns / NS_PER_MS + (ns % NS_PER_MS > 0);

	return ms < least ? least : ms > most ? most : (unsigned)ms;
}

static void
take_source(struct measure_work *work, const struct measure_request *request, size_t i)
{
	snprintf(work->names[i], sizeof(work->names[i]), "%s", request->names[i]);
	work->addresses[i] = request->addresses[i] > 0 ? request->addresses[i] : 1;
	work->ports[i] = request->ports[i] > 0 ? request->ports[i] : request->port;
	work->keyed[i] = request->keys[i] != NULL;
	if (request->keys[i]) {
		work->keys[i] = *request->keys[i];
	}
}

static struct measure_work *
make_work(struct measure *measure, uv_loop_t *loop, const struct measure_request *request)
{
	struct measure_work *work = calloc(1, sizeof(*work));

	if (!work) {
		abort();
	}
	work->measure = measure;
	work->loop = loop;
	work->samples = request->samples < 1         ? 1
	    : request->samples > MEASURE_SAMPLES_MAX ? MEASURE_SAMPLES_MAX
						     : request->samples;
	work->spacing_ms = clamp_ms(request->spacing_ns, 0, 3600 * 1000);
	work->timeout_ms = clamp_ms(request->timeout_ns, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
	work->limit_ms = clamp_ms(request->limit_ns, 0, 24 * 3600 * 1000);
	work->grant = request->grant;
	work->grant_ctx = request->grant_ctx;
	work->source_count =
	    request->count < MEASURE_TARGETS_MAX ? request->count : MEASURE_TARGETS_MAX;
	work->sources_open = work->source_count;
	for (size_t i = 0; i < work->source_count; i++) {
		take_source(work, request, i);
	}
	return work;
}

void
measure_widen(void)
{
	char places[8];

	snprintf(places, sizeof(places), "%d", LOOKUPS);
	setenv("UV_THREADPOOL_SIZE", places, 0);
}

void
measure_run(struct measure *measure, uv_loop_t *loop, const struct measure_request *request,
    measure_done done)
{
	struct measure_work *work = make_work(measure, loop, request);
	uint64_t names_ms = RESOLVE_MS;

	measure->target_count = 0;
	measure->done = done;
	measure->running = true;
	measure->work = work;
	uv_update_time(loop);
	work->started_ms = uv_now(loop);
	uv_timer_init(loop, &work->timer);
	work->timer.data = work;
	for (size_t i = 0; i < work->source_count; i++) {
		start_source(work, i);
	}
	if (work->limit_ms > 0 && work->limit_ms <= names_ms) {
		uv_timer_start(&work->timer, on_limit, work->limit_ms, 0);
	} else {
		uv_timer_start(&work->timer, on_names, names_ms, 0);
	}
	finish_if_idle(work);
}

void
measure_stop(struct measure *measure)
{
	if (measure->running) {
		give_up(measure->work);
	}
}
