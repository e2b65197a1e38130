#include "orchestrator/publish/web.h"

#include "orchestrator/collect/http.h"
#include "orchestrator/publish/page_name.h"
#include "orchestrator/publish/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TELL_MS 1000
#define TELL_TICKS 15 /* an event in so many, when nothing has changed: the line is alive */

struct web {
	struct http_server *server;
	uv_timer_t tell;
	char told[PAGE_EVENT_BYTES]; /* the latest event */
	unsigned ticks;              /* since then */
	const struct collector *collector;
	const char *const *names;
};

/* The page may load only our files, no page may frame it, and no browser may guess types. */
static const struct http_field security_fields[] = {
	{ "Content-Security-Policy",
	    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	    "object-src 'none'" },
	{ "X-Content-Type-Options", "nosniff" }, { "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" }, { "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" }, { "Cache-Control", "no-cache" },
	{ "X-Accel-Buffering", "no" }, /* nginx: events are of now */
};

static bool
accept_body(void *context UNUSED, struct http_request *request UNUSED)
{
	return false;
}

static const char *
argument(void *context, const char *name)
{
	return http_argument(context, name);
}

static void
answer(void *context, struct http_request *request, struct http_answer *answer)
{
	struct web *web = context;
	struct page page;

	if (!page_name_is_ours(http_header(request, "Host"), web->names)) {
		page = page_error(421,
		    "the page is not shown under this name: give it to timetier serve by "
		    "--page-name NAME");
	} else if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) {
		page = route(web->collector, request->path, argument, request);
	} else {
		page = page_error(405, "only GET and HEAD are answered");
		http_add_field(answer, "Allow", "GET, HEAD");
	}
	answer->code = page.code;
	answer->type = page.type;
	answer->body = page.body;
	answer->len = page.len;
	answer->owned = page.owned;
	answer->stream = page.stream;
	answer->tagged = true;
	for (size_t i = 0; i < COUNT(security_fields); i++) {
		http_add_field(answer, security_fields[i].name, security_fields[i].value);
	}
}

/* Tell who listens when something has changed. */
static void
tell(uv_timer_t *timer)
{
	struct web *web = timer->data;
	char event[PAGE_EVENT_BYTES];

	page_event(web->collector, event);
	if (strcmp(event, web->told) != 0 || ++web->ticks >= TELL_TICKS) {
		snprintf(web->told, sizeof(web->told), "%s", event);
		web->ticks = 0;
		http_tell(web->server, event);
	} else {
		http_tell(web->server, NULL);
	}
}

int
web_start(uv_loop_t *loop, int fd, const struct collector *collector, const char *const *names,
    struct web **web, struct error *err)
{
	struct web *made = calloc(1, sizeof(*made));
	struct http_handler handler = {
		.accept = accept_body,
		.answer = answer,
		.context = made,
	};

	if (!made) {
		abort();
	}
	made->collector = collector;
	made->names = names;
	if (http_start_plain(fd, loop, &handler, &made->server, err) < 0) {
		free(made);
		return error_wrap(err, "page");
	}
	uv_timer_init(loop, &made->tell);
	made->tell.data = made;
	uv_timer_start(&made->tell, tell, 0, TELL_MS);
	*web = made;
	return 0;
}

static void
closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
web_stop(struct web *web)
{
	if (!web) {
		return;
	}
	http_stop(web->server);
	uv_close((uv_handle_t *)&web->tell, closed);
}
