#include "orchestrator/publish/web.h"

#include "orchestrator/collect/http.h"
#include "orchestrator/publish/page_name.h"
#include "orchestrator/publish/routes.h"

#include <stdlib.h>
#include <string.h>

struct web {
	struct http_server *server;
	const struct collector *collector;
	const char *const *names;
};

/* The page may load only our files, no page may frame it, and no browser may guess types. */
static const struct http_field security_fields[] = {
	{ "Content-Security-Policy",
	    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	    "object-src 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cache-Control", "no-cache" },
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
	answer->tagged = true;
	for (size_t i = 0; i < COUNT(security_fields); i++) {
		http_add_field(answer, security_fields[i].name, security_fields[i].value);
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
	*web = made;
	return 0;
}

void
web_stop(struct web *web)
{
	if (!web) {
		return;
	}
	http_stop(web->server);
	free(web);
}
