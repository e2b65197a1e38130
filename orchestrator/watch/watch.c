#include "orchestrator/watch/watch.h"

#include "orchestrator/watch/asker.h"
#include "orchestrator/watch/draw.h"
#include "orchestrator/watch/terminal.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 1000
#define PERIOD_S 5        /* between two askings for the fleet; */
#define PERIOD_LARGE_S 15 /* of many hosts, whose answer has megabytes */
#define LARGE_HOSTS 2000
#define TRY_AGAIN_S 2
#define POINTS "300"

/* What is asked, in this order. */
enum asking {
	ASK_FLEET,
	ASK_HEALTH,
	ASK_DETAIL,
	ASK_CURVE,
	ASK_COUNT,
};

struct watch {
	uv_loop_t loop;
	uv_poll_t keys;
	uv_timer_t tick;
	uv_signal_t signals[4];
	const char *url;
	struct question *question; /* under way, or NULL */
	enum asking asking;        /* which that is */
	unsigned due;              /* bits: what is to be asked next */
	char wanted[WATCH_NAME_BYTES];
	size_t wanted_span;
	int64_t asked_ns, came_ns; /* by the loop's clock; 0: never */
	struct error trouble;
	struct watch_fleet fleet;
	struct watch_fleet next; /* has come, and its conditions have not; or empty */
	struct watch_detail detail;
	struct watch_curve curve;
	struct watch_state state;
	bool ended;
};

static int64_t
now_ns(const struct watch *watch)
{
	return (int64_t)uv_now(&watch->loop) * NS_PER_MS;
}

static void
draw(struct watch *watch, bool whole)
{
	struct watch_view view = { &watch->fleet, &watch->detail, &watch->curve };
	struct screen screen;
	int rows, columns;

	terminal_size(false, &rows, &columns);
	watch->state.trouble = watch->trouble.text;
	watch->state.figures_age_ns = watch->came_ns > 0 ? now_ns(watch) - watch->came_ns : -1;
	screen_init(&screen, rows, columns, terminal_is_ascii());
	draw_screen(&screen, &view, &watch->state);
	terminal_show(&screen, whole);
	screen_free(&screen);
}

/* Whether @name can be part of a path as it is: it came from the network. */
static bool
is_plain(const char *name)
{
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && !strchr(".:-_", *name)) {
			return false;
		}
	}
	return true;
}

/* Another host was opened, or another time of it: ask for that, too. */
static void
find_wanted(struct watch *watch)
{
	struct watch_view view = { &watch->fleet, &watch->detail, &watch->curve };
	const char *wanted;
	int rows, columns;

	terminal_size(false, &rows, &columns);
	wanted = draw_wants(columns, &view, &watch->state);
	if (!wanted || !is_plain(wanted)) {
		wanted = "";
	}
	if (strcmp(wanted, watch->wanted) != 0 || watch->state.span != watch->wanted_span) {
		snprintf(watch->wanted, sizeof(watch->wanted), "%s", wanted);
		watch->wanted_span = watch->state.span;
		watch->due |= 1u << ASK_DETAIL | 1u << ASK_CURVE;
	}
}

static void ask_next(struct watch *watch);

/* Hosts and conditions change on the screen at once, also where a collector tells no conditions. */
static void
use_next(struct watch *watch)
{
	if (watch->next.site) {
		watch_fleet_free(&watch->fleet);
		watch->fleet = watch->next;
		watch->next = (struct watch_fleet){ .site = NULL };
		watch_state_follow(&watch->state, &watch->fleet);
	}
}

/* What came is shown; what did not come leaves what was known, except for the fleet. */
static void
take(struct watch *watch, const struct buf *body)
{
	struct watch_detail detail = { .version = NULL };
	struct watch_curve curve = { .host = NULL };
	struct error err;

	switch (watch->asking) {
	case ASK_FLEET:
		watch_fleet_free(&watch->next);
		if (watch_fleet_read(&watch->next, body->data, body->len, &watch->trouble) == 0) {
			watch->came_ns = now_ns(watch);
			watch->trouble.text[0] = '\0';
		}
		break;
	case ASK_HEALTH:
		watch_fleet_take_health(&watch->next, body->data, body->len);
		break;
	case ASK_DETAIL:
		if (watch_detail_read(&detail, body->data, body->len, &err) == 0) {
			watch_detail_free(&watch->detail);
			watch->detail = detail;
		}
		break;
	case ASK_CURVE:
		if (watch_curve_read(&curve, body->data, body->len, &err) == 0) {
			watch_curve_free(&watch->curve);
			watch->curve = curve;
		}
		break;
	case ASK_COUNT:
		break;
	}
}

static void
asked(void *context, const struct buf *body, const struct error *err)
{
	struct watch *watch = context;

	watch->question = NULL;
	if (body && body->len > 0) {
		take(watch, body);
	} else if (watch->asking == ASK_FLEET) {
		watch->trouble = err ? *err : (struct error){ "the answer is empty" };
		watch->due = 0;
	}
	if (watch->asking != ASK_FLEET) {
		use_next(watch);
	}
	find_wanted(watch);
	ask_next(watch);
	draw(watch, false);
}

static void
path_of(const struct watch *watch, enum asking asking, char *out, size_t size)
{
	switch (asking) {
	case ASK_FLEET:
		snprintf(out, size, "/api/v1/fleet?brief=1");
		break;
	case ASK_HEALTH:
		snprintf(out, size, "/api/v1/health");
		break;
	case ASK_DETAIL:
		snprintf(out, size, "/api/v1/host/%s", watch->wanted);
		break;
	case ASK_CURVE:
		snprintf(out, size, "/api/v1/host/%s/history?last=%s&points=" POINTS, watch->wanted,
		    watch_span_name(watch->wanted_span));
		break;
	case ASK_COUNT:
		break;
	}
}

static void
ask_next(struct watch *watch)
{
	char path[WATCH_NAME_BYTES + 64];

	if (!watch->wanted[0]) {
		watch->due &= ~(1u << ASK_DETAIL | 1u << ASK_CURVE);
	}
	for (int i = 0; i < ASK_COUNT && !watch->question && !watch->ended; i++) {
		struct error err = { "" };

		if (!(watch->due & 1u << i)) {
			continue;
		}
		watch->due &= ~(1u << i);
		watch->asking = (enum asking)i;
		path_of(watch, watch->asking, path, sizeof(path));
		watch->question = question_ask(&watch->loop, watch->url, path, asked, watch, &err);
		if (!watch->question && watch->asking == ASK_FLEET) {
			watch->trouble = err;
			watch->due = 0;
		}
	}
	if (!watch->question) {
		use_next(watch); /* nobody will tell more of it */
	}
}

static void
ticked(uv_timer_t *timer)
{
	struct watch *watch = timer->data;
	int64_t period_s = watch->trouble.text[0]   ? TRY_AGAIN_S
	    : watch->fleet.host_count > LARGE_HOSTS ? PERIOD_LARGE_S
						    : PERIOD_S;

	if (!watch->question && now_ns(watch) - watch->asked_ns >= period_s * NS_PER_S) {
		watch->asked_ns = now_ns(watch);
		watch->due = (1u << ASK_COUNT) - 1;
		ask_next(watch);
	}
	draw(watch, false);
}

static void
stop(struct watch *watch)
{
	watch->ended = true;
	question_drop(watch->question);
	watch->question = NULL;
	uv_stop(&watch->loop);
}

static void
typed(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	bool whole = false;
	int key;

	while ((key = terminal_key()) != WATCH_KEY_NONE) {
		whole |= key == WATCH_KEY_REDRAW;
		watch_state_key(&watch->state, &watch->fleet, key);
	}
	if (watch->state.quit || status < 0 || events & UV_DISCONNECT) {
		stop(watch);
		return;
	}
	find_wanted(watch);
	ask_next(watch);
	draw(watch, whole);
}

static void
signalled(uv_signal_t *handle, int number)
{
	struct watch *watch = handle->data;
	int rows, columns;

	if (number != SIGWINCH) {
		stop(watch);
		return;
	}
	terminal_size(true, &rows, &columns);
	find_wanted(watch);
	ask_next(watch);
	draw(watch, true);
}

static void
begin(struct watch *watch)
{
	static const int numbers[] = { SIGWINCH, SIGTERM, SIGINT, SIGHUP };

	uv_loop_init(&watch->loop);
	uv_poll_init(&watch->loop, &watch->keys, STDIN_FILENO);
	uv_timer_init(&watch->loop, &watch->tick);
	watch->keys.data = watch->tick.data = watch;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uv_signal_init(&watch->loop, &watch->signals[i]);
		watch->signals[i].data = watch;
		uv_signal_start(&watch->signals[i], signalled, numbers[i]);
	}
	uv_poll_start(&watch->keys, UV_READABLE | UV_DISCONNECT, typed);
	uv_timer_start(&watch->tick, ticked, TICK_MS, TICK_MS);
	watch->asked_ns = now_ns(watch);
	watch->due = (1u << ASK_COUNT) - 1;
	ask_next(watch);
}

int
watch_run(const char *url, struct error *err)
{
	struct watch watch = { .url = url };

	if (terminal_begin(err) < 0) {
		terminal_end();
		return -1;
	}
	watch_state_init(&watch.state);
	watch.state.from = url;
	begin(&watch);
	draw(&watch, true);
	uv_run(&watch.loop, UV_RUN_DEFAULT);
	terminal_end();
	uv_close((uv_handle_t *)&watch.keys, NULL);
	uv_close((uv_handle_t *)&watch.tick, NULL);
	for (size_t i = 0; i < COUNT(watch.signals); i++) {
		uv_close((uv_handle_t *)&watch.signals[i], NULL);
	}
	uv_run(&watch.loop, UV_RUN_DEFAULT);
	uv_loop_close(&watch.loop);
	watch_fleet_free(&watch.fleet);
	watch_fleet_free(&watch.next);
	watch_detail_free(&watch.detail);
	watch_curve_free(&watch.curve);
	watch_state_done(&watch.state);
	return 0;
}
