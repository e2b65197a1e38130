#include "orchestrator/watch/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const spans[] = { "1h", "6h", "24h", "7d", "30d" };

void
watch_state_init(struct watch_state *state)
{
	*state = (struct watch_state){ .span = 1, .from = "", .trouble = "", .figures_age_ns = -1 };
}

void
watch_state_done(struct watch_state *state)
{
	free(state->order);
	state->order = NULL;
}

const char *
watch_span_name(size_t span)
{
	return spans[span < COUNT(spans) ? span : 0];
}

const char *
watch_sort_name(enum watch_sort sort)
{
	static const char *const names[SORT_COUNT] = {
		[SORT_WORST] = "worst first",
		[SORT_NAME] = "by name",
		[SORT_PLACE] = "by tier and group",
		[SORT_OFFSET] = "largest offset first",
		[SORT_BOUND] = "largest error bound first",
		[SORT_AGE] = "oldest report first",
	};

	return names[sort];
}

/* The size of a duration; what is not known comes last. */
static int64_t
size_of(const struct watch_ns *value)
{
	int64_t ns = value->ns == INT64_MIN ? INT64_MAX : value->ns;

	return value->known ? (ns < 0 ? -ns : ns) : -1;
}

struct sorting {
	const struct watch_fleet *fleet;
	enum watch_sort sort;
};

static int
compare_hosts(const void *left, const void *right, void *context)
{
	const struct sorting *sorting = context;
	size_t i = *(const size_t *)left, k = *(const size_t *)right;
	const struct watch_host *a = &sorting->fleet->hosts[i], *b = &sorting->fleet->hosts[k];
	int64_t sizes[2] = { 0, 0 };
	int order = 0;

	switch (sorting->sort) {
	case SORT_NAME:
		order = strverscmp(a->name, b->name);
		break;
	case SORT_PLACE:
		order = a->server == b->server ? strcmp(a->place, b->place) : a->server ? -1 : 1;
		break;
	case SORT_OFFSET:
		sizes[0] = size_of(&a->offset);
		sizes[1] = size_of(&b->offset);
		break;
	case SORT_BOUND:
		sizes[0] = size_of(&a->bound);
		sizes[1] = size_of(&b->bound);
		break;
	case SORT_AGE:
		sizes[0] = size_of(&a->age);
		sizes[1] = size_of(&b->age);
		break;
	case SORT_WORST:
	case SORT_COUNT:
		break;
	}
	if (order == 0 && sizes[0] != sizes[1]) {
		order = sizes[0] > sizes[1] ? -1 : 1;
	}
	return order != 0 ? order : (i > k) - (i < k);
}

/* Whether one of the words that the screen shows of @host contains the filter. */
static bool
is_shown(const struct watch_host *host, const char *filter)
{
	const char *words[] = { host->name, host->place, host->daemon, host->source, host->health,
		health_state_name(host->light), host->restart, host->reason };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcasestr(words[i], filter)) {
			return true;
		}
	}
	return false;
}

void
watch_state_follow(struct watch_state *state, const struct watch_fleet *fleet)
{
	struct sorting sorting = { fleet, state->sort };

	free(state->order);
	state->order = calloc(fleet->host_count + 1, sizeof(*state->order));
	if (!state->order) {
		abort();
	}
	state->order_count = 0;
	for (size_t i = 0; i < fleet->host_count; i++) {
		if (is_shown(&fleet->hosts[i], state->filter)) {
			state->order[state->order_count++] = i;
		}
	}
	qsort_r(state->order, state->order_count, sizeof(*state->order), compare_hosts, &sorting);
	for (size_t i = 0; i < state->order_count; i++) {
		if (strcmp(fleet->hosts[state->order[i]].name, state->chosen) == 0) {
			state->at = i;
			return;
		}
	}
	if (state->page != PAGE_HOST && state->page != PAGE_RESTART) { /* its host is left there */
		state->at = 0;
		state->first = 0;
		state->chosen[0] = '\0';
	}
}

const struct watch_host *
watch_state_chosen(const struct watch_state *state, const struct watch_fleet *fleet)
{
	if (state->page == PAGE_HOST || state->page == PAGE_RESTART) { /* whatever the filter */
		for (size_t i = 0; i < fleet->host_count; i++) {
			if (strcmp(fleet->hosts[i].name, state->chosen) == 0) {
				return &fleet->hosts[i];
			}
		}
		return NULL;
	}
	return state->at < state->order_count ? &fleet->hosts[state->order[state->at]] : NULL;
}

/* Until somebody moves, the worst host is the one that is chosen, whichever it is. */
static void
choose(struct watch_state *state, const struct watch_fleet *fleet, size_t at)
{
	state->at = at < state->order_count ? at
	    : state->order_count > 0        ? state->order_count - 1
					    : 0;
	if (state->order_count > 0) {
		snprintf(state->chosen, sizeof(state->chosen), "%s",
		    fleet->hosts[state->order[state->at]].name);
	}
}

/* Where a key leads from @at of @count lines; @count: it leads nowhere. */
static size_t
move_by(int key, size_t at, size_t count, size_t page)
{
	size_t most = count > 0 ? count - 1 : 0;

	switch (key) {
	case 'k':
	case WATCH_KEY_UP:
		return at > 0 ? at - 1 : 0;
	case 'j':
	case WATCH_KEY_DOWN:
		return at < most ? at + 1 : most;
	case WATCH_KEY_PAGE_UP:
		return at > page ? at - page : 0;
	case WATCH_KEY_PAGE_DOWN:
	case ' ':
		return at + page < most ? at + page : most;
	case 'g':
	case WATCH_KEY_HOME:
		return 0;
	case 'G':
	case WATCH_KEY_END:
		return most;
	default:
		return count;
	}
}

static void
type_filter(struct watch_state *state, const struct watch_fleet *fleet, int key)
{
	size_t len = strlen(state->filter);

	if (key == WATCH_KEY_ENTER) {
		state->typing = false;
	} else if (key == WATCH_KEY_ESCAPE) {
		state->typing = false;
		state->filter[0] = '\0';
	} else if (key == WATCH_KEY_ERASE && len > 0) {
		state->filter[len - 1] = '\0';
	} else if (key >= ' ' && key < 0x7f && len + 1 < sizeof(state->filter)) {
		state->filter[len] = (char)key;
		state->filter[len + 1] = '\0';
	}
	watch_state_follow(state, fleet);
}

/* The way back. */
static void
go_back(struct watch_state *state, const struct watch_fleet *fleet)
{
	switch (state->page) {
	case PAGE_RESTART:
		state->page = PAGE_HOST;
		break;
	case PAGE_HELP:
		state->page = state->before_help;
		break;
	case PAGE_FLEET:
		state->filter[0] = '\0';
		break;
	case PAGE_HOST:
	case PAGE_CONDITIONS:
		state->page = PAGE_FLEET;
		break;
	}
	watch_state_follow(state, fleet);
}

/* Open @page of the host that is chosen. */
static void
open_host(struct watch_state *state, const struct watch_fleet *fleet, enum watch_page page)
{
	const struct watch_host *host = watch_state_chosen(state, fleet);

	if (host && (state->page == PAGE_FLEET || state->page == PAGE_HOST)) {
		snprintf(state->chosen, sizeof(state->chosen), "%s", host->name);
		state->page = page;
	}
}

static void
move(struct watch_state *state, const struct watch_fleet *fleet, int key)
{
	bool conditions = state->page == PAGE_CONDITIONS;
	size_t count = conditions ? fleet->condition_count : state->order_count;
	size_t page = state->page_rows > 1 ? state->page_rows - 1 : 1;
	size_t to = move_by(key, conditions ? state->first_condition : state->at, count, page);

	if (to >= count) {
		return;
	}
	if (conditions) {
		state->first_condition = to;
	} else if (state->page == PAGE_FLEET || state->page == PAGE_HOST) {
		choose(state, fleet, to);
	}
}

void
watch_state_key(struct watch_state *state, const struct watch_fleet *fleet, int key)
{
	if (state->typing) {
		type_filter(state, fleet, key);
		return;
	}
	switch (key) {
	case 'q':
		state->quit = true;
		break;
	case '?':
	case 'h':
		if (state->page != PAGE_HELP) {
			state->before_help = state->page;
			state->page = PAGE_HELP;
		}
		break;
	case WATCH_KEY_ESCAPE:
	case WATCH_KEY_ERASE:
		go_back(state, fleet);
		break;
	case WATCH_KEY_ENTER:
		open_host(state, fleet, PAGE_HOST);
		break;
	case 'r':
		open_host(state, fleet, PAGE_RESTART);
		break;
	case 'c':
		state->page = PAGE_CONDITIONS;
		state->first_condition = 0;
		break;
	case '/':
		state->page = PAGE_FLEET;
		state->typing = true;
		break;
	case 's':
	case 'S':
		state->sort = (state->sort + (key == 's' ? 1 : SORT_COUNT - 1)) % SORT_COUNT;
		watch_state_follow(state, fleet);
		break;
	case '+':
		state->span = state->span + 1 < COUNT(spans) ? state->span + 1 : state->span;
		break;
	case '-':
		state->span = state->span > 0 ? state->span - 1 : 0;
		break;
	default:
		move(state, fleet, key);
		break;
	}
}
