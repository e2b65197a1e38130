#include "verdict/stale.h"

#include "daemons/daemon.h"

#include <stdio.h>
#include <string.h>

static bool
leads_to(const struct name_answer *answer, const struct ip *ip)
{
	for (size_t i = 0; i < answer->count; i++) {
		if (ip_equal(&answer->addresses[i], ip)) {
			return true;
		}
	}
	return false;
}

/* The addresses that the daemon asks. */
struct used {
	struct ip ips[DAEMON_SOURCES_MAX];
	bool answers[DAEMON_SOURCES_MAX];
	bool explained[DAEMON_SOURCES_MAX]; /* a line of the configuration leads to it */
	size_t count;
};

static void
collect(const struct daemon_status *status, const struct name_answer *answers, size_t count,
    struct used *used)
{
	used->count = 0;
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		struct ip ip;

		if (!ip_parse(source->address, &ip)) {
			continue; /* a refclock, or a name that was never resolved */
		}
		used->ips[used->count] = ip;
		used->answers[used->count] = source->reach != 0;
		used->explained[used->count] = false;
		for (size_t k = 0; k < count; k++) {
			used->explained[used->count] |= leads_to(&answers[k], &ip);
		}
		used->count++;
	}
}

static bool
is_used(const struct name_answer *answer, const struct used *used)
{
	for (size_t i = 0; i < used->count; i++) {
		if (leads_to(answer, &used->ips[i])) {
			return true;
		}
	}
	return false;
}

/* Whether each lookup may show other addresses: a pool, or several addresses of one family. */
static bool
turns(const struct name_answer *answer)
{
	size_t v4 = 0;

	for (size_t i = 0; i < answer->count; i++) {
		v4 += answer->addresses[i].family == IP_V4;
	}
	return answer->pool || v4 > 1 || answer->count - v4 > 1;
}

static void
add_text(char *list, const struct ip *ip)
{
	char text[IP_TEXT_BYTES];
	size_t len = strlen(list);

	ip_text(ip, text);
	if (len + 1 + strlen(text) < NAME_LIST_BYTES) {
		snprintf(list + len, NAME_LIST_BYTES - len, "%s%s", len ? " " : "", text);
	}
}

/*
 * List the asked addresses to which no line leads; without @all only those that do not answer.
 * Returns how many.
 */
static size_t
list_unexplained(const struct used *used, bool all, char *list)
{
	size_t count = 0;

	list[0] = '\0';
	for (size_t i = 0; i < used->count; i++) {
		if (!used->explained[i] && (all || !used->answers[i])) {
			add_text(list, &used->ips[i]);
			count++;
		}
	}
	return count;
}

/* Whether @answer is stale; if so, @was is filled. */
static bool
is_stale(const struct name_answer *answer, const struct used *used, char *was)
{
	struct ip literal;

	if ((!answer->known && !answer->gone) || ip_parse(answer->name, &literal) ||
	    is_used(answer, used)) {
		return false;
	}
	if (!turns(answer)) {
		return list_unexplained(used, true, was) > 0;
	}
	/* an address that answers may be one that the name had at another lookup */
	return list_unexplained(used, true, was) == list_unexplained(used, false, was) && *was;
}

size_t
stale_judge(const struct name_answer *answers, size_t count, const struct daemon_status *status,
    struct stale_name *stale)
{
	struct used used;
	size_t found = 0;

	collect(status, answers, count, &used);
	for (size_t i = 0; i < count && found < STALE_NAMES_MAX; i++) {
		struct stale_name *entry = &stale[found];

		memset(entry, 0, sizeof(*entry));
		if (!is_stale(&answers[i], &used, entry->was)) {
			continue;
		}
		memcpy(entry->name, answers[i].name, sizeof(entry->name));
		for (size_t k = 0; k < answers[i].count; k++) {
			add_text(entry->now, &answers[i].addresses[k]);
		}
		found++;
	}
	return found;
}

bool
stale_is_cured(const struct stale_name *stale, const struct daemon_status *status)
{
	struct ip now, asked;

	if (!ip_parse(stale->now, &now)) {
		return true;
	}
	for (size_t i = 0; i < status->source_count; i++) {
		if (ip_parse(status->sources[i].address, &asked) && ip_equal(&asked, &now)) {
			return true;
		}
	}
	return false;
}

const struct field stale_name_fields[] = {
	{ "name", FIELD_TEXT, true, FIELD_AT(stale_name, name) },
	{ "was", FIELD_TEXT, true, FIELD_AT(stale_name, was) },
	{ "now", FIELD_TEXT, false, FIELD_AT(stale_name, now) },
	{ .name = NULL },
};

json_t *
stale_encode(const struct stale_name *stale, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, fields_encode(stale_name_fields, &stale[i]));
	}
	return list;
}

int
stale_decode(const json_t *json, struct stale_name *stale, size_t *count, struct error *err)
{
	*count = 0;
	if (!json) {
		return 0;
	}
	if (!json_is_array(json) || json_array_size(json) > STALE_NAMES_MAX) {
		return error_set(err, "names is no list of at most %d", STALE_NAMES_MAX);
	}
	for (size_t i = 0; i < json_array_size(json); i++) {
		stale[i] = (struct stale_name){ .now = "" };
		if (fields_decode(
			stale_name_fields, json_array_get(json, i), "name", &stale[i], err) < 0) {
			return -1;
		}
	}
	*count = json_array_size(json);
	return 0;
}
