#include "agent/ask/names.h"

#include "agent/host/resolver.h"
#include "common/shown.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* One round.  It may outlive the struct name_lookup: a resolver cannot be interrupted. */
struct name_lookup_work {
	struct name_lookup *names; /* NULL: nobody waits for it any more */
	uv_getaddrinfo_t lookup;
	bool looking; /* the lookup is under way */
	uv_timer_t timer;
	bool timer_open;
	struct name_answer answers[RESTART_LINES_MAX];
	size_t count, next;
};

static bool
is_asked(const struct restart_line *line)
{
	return !(line->flags & RESTART_REFCLOCK) && line->name[0];
}

bool
name_lookup_is_needed(const struct restart_policy *policy)
{
	for (size_t i = 0; i < policy->line_count; i++) {
		struct ip ip;

		if (is_asked(&policy->lines[i]) && !ip_parse(policy->lines[i].name, &ip)) {
			return true;
		}
	}
	return false;
}

static void
free_if_over(struct name_lookup_work *work)
{
	if (!work->names && !work->looking && !work->timer_open) {
		free(work);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	struct name_lookup_work *work = handle->data;

	work->timer_open = false;
	free_if_over(work);
}

static void
cancel(struct name_lookup_work *work)
{
	if (work->looking) {
		uv_cancel((uv_req_t *)&work->lookup);
	}
}

/* End the round: keep its answers; the work is freed with its last handle. */
static void
finish(struct name_lookup_work *work)
{
	struct name_lookup *names = work->names;

	memcpy(names->answers, work->answers, sizeof(names->answers));
	names->count = work->count;
	names->running = false;
	names->work = NULL;
	work->names = NULL;
	cancel(work);
	uv_close((uv_handle_t *)&work->timer, on_closed);
	names->done(names);
}

static void
add_address(struct name_answer *answer, const struct sockaddr *address)
{
	struct ip ip;

	if (ip_of_sockaddr(address, &ip) && answer->count < NAME_ADDRESSES_MAX) {
		answer->addresses[answer->count++] = ip;
	}
}

static void look_next(struct name_lookup_work *work);

static void
on_answer(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct name_lookup_work *work = request->data;
	struct name_answer *answer = &work->answers[work->next];

	work->looking = false;
	if (!work->names) {
		uv_freeaddrinfo(list);
		free_if_over(work);
		return;
	}
	for (const struct addrinfo *at = list; status == 0 && at; at = at->ai_next) {
		add_address(answer, at->ai_addr);
	}
	answer->known = answer->count > 0;
	/* both mean that there is no such name; a failing resolver says something else */
	answer->gone = status == UV_EAI_NONAME || status == UV_EAI_NODATA;
	uv_freeaddrinfo(list);
	work->next++;
	look_next(work);
}

/* Look up the next name that is no address; the round ends behind the last one. */
static void
look_next(struct name_lookup_work *work)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };

	while (work->next < work->count) {
		struct name_answer *answer = &work->answers[work->next];

		if (ip_parse(answer->name, &answer->addresses[0])) {
			answer->known = true;
			answer->count = 1;
		} else if (uv_getaddrinfo(work->timer.loop, &work->lookup, on_answer, answer->name,
			       NULL, &hints) == 0) {
			work->looking = true;
			return;
		}
		work->next++;
	}
	finish(work);
}

static void
on_timer(uv_timer_t *timer)
{
	finish(timer->data);
}

static void
on_begin(uv_timer_t *timer)
{
	struct name_lookup_work *work = timer->data;

	uv_timer_start(timer, on_timer, uv_timer_get_repeat(timer), 0);
	look_next(work);
}

void
name_lookup_run(struct name_lookup *names, uv_loop_t *loop, const struct restart_policy *policy,
    uint64_t limit_ms, name_lookup_done done)
{
	struct name_lookup_work *work = calloc(1, sizeof(*work));

	if (!work) {
		abort();
	}
	for (size_t i = 0; i < policy->line_count && i < RESTART_LINES_MAX; i++) {
		if (is_asked(&policy->lines[i])) {
			struct name_answer *answer = &work->answers[work->count++];

			shown_copy(answer->name, sizeof(answer->name), policy->lines[i].name);
			answer->pool = policy->lines[i].flags & RESTART_POOL;
		}
	}
	work->names = names;
	work->lookup.data = work;
	names->work = work;
	names->running = true;
	names->done = done;
	uv_timer_init(loop, &work->timer);
	work->timer.data = work;
	work->timer_open = true;
	uv_timer_start(&work->timer, on_begin, 0, limit_ms > 0 ? limit_ms : 1);
}

void
name_lookup_report(
    const struct name_lookup *names, const char *root, pid_t pid, struct report *report)
{
	struct reader reader;
	struct ip ip;
	bool any = false;

	for (size_t i = 0; i < names->count; i++) {
		any |= !ip_parse(names->answers[i].name, &ip);
	}
	report->name_count = report->answered
	    ? stale_judge(names->answers, names->count, &report->status, report->names)
	    : 0;
	report->resolver[0] = '\0';
	if (any && pid > 0 && resolver_reader(root, pid, &reader)) {
		resolver_is_readable(root, &reader, report->resolver);
	}
}

void
name_lookup_close(struct name_lookup *names)
{
	struct name_lookup_work *work = names->work;

	names->running = false;
	names->work = NULL;
	if (work) {
		work->names = NULL;
		cancel(work);
		uv_close((uv_handle_t *)&work->timer, on_closed);
	}
}
