/* Makes a restart_case of what the daemon itself tells: its sources, with flags of their lines. */
#include "common/address.h"
#include "common/ntp/exchange.h"
#include "common/ntp/select.h"
#include "daemons/daemon.h"
#include "verdict/restart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A clock without discipline may be this fast or slow: the most that a daemon corrects. */
#define UNDISCIPLINED_PPM 500

void
restart_source_measure(
    const struct ntp_sample *samples, size_t count, int64_t boot_ns, struct restart_source *source)
{
	int64_t jitter_ns = 0, age_ns;
	const struct ntp_sample *best = ntp_best_sample(samples, count, &jitter_ns);

	age_ns = boot_ns - best->boot_ns;
	source->fit = true;
	source->stratum = best->stratum;
	source->offset_ns = best->offset_ns;
	source->jitter_ns = jitter_ns;
	source->error_ns = best->delay_ns / 2 + jitter_ns;
	source->distance_ns =
	    ntp_root_distance_ns(best, jitter_ns, age_ns) + age_ns / 1000000 * UNDISCIPLINED_PPM;
}

static bool
same_address(const char *a, const char *b)
{
	struct ip left, right;

	if (ip_parse(a, &left) && ip_parse(b, &right)) {
		return ip_equal(&left, &right);
	}
	return strcasecmp(a, b) == 0;
}

/* Whether the daemon shows a refclock by @address: by a refid, or as 127.127.T.U. */
static bool
is_refclock(const struct restart_policy *policy, const char *address)
{
	struct ip ip;

	return !ip_parse(address, &ip) ||
	    (policy->rules == RESTART_RULES_NTPD && ip.family == IP_V4 && ip.bytes[0] == 127 &&
		ip.bytes[1] == 127);
}

/* Give @source the flags of the line with its refid; else it is not known which line it is of. */
static void
take_refclock_line(const struct restart_policy *policy, struct restart_source *source)
{
	for (size_t i = 0; i < policy->line_count; i++) {
		const struct restart_line *line = &policy->lines[i];

		if (line->flags & RESTART_REFCLOCK && strcmp(line->name, source->address) == 0) {
			source->flags = line->flags;
			source->minpoll = line->minpoll;
			return;
		}
	}
	source->flags = RESTART_REFCLOCK | RESTART_UNSURE;
}

/* Returns the line that @source is of, NULL if it may be of several or of none. */
static const struct restart_line *
take_server_line(const struct restart_policy *policy, struct restart_source *source)
{
	const struct restart_line *candidate = NULL;
	bool several = false;
	struct ip ip;

	for (size_t i = 0; i < policy->line_count; i++) {
		const struct restart_line *line = &policy->lines[i];

		if (line->flags & (RESTART_INIT | RESTART_REFCLOCK)) {
			continue;
		}
		if (same_address(line->name, source->address)) {
			source->flags = line->flags;
			source->minpoll = line->minpoll;
			return line;
		}
		if (ip_parse(line->name, &ip)) {
			continue;
		}
		if (!candidate) {
			candidate = line;
			source->flags = line->flags;
			source->minpoll = line->minpoll;
			continue;
		}
		several = true;
		if (source->flags != line->flags || source->minpoll != line->minpoll) {
			source->flags = (source->flags & line->flags) | RESTART_UNSURE;
		}
	}
	return several ? NULL : candidate;
}

/* Returns what is to blame if the daemon does not use the source as it is measured; -1: nothing. */
static int
unused_because(const struct restart_policy *policy, const struct restart_source *source)
{
	if (policy->stratum_below == 1) {
		return BLAME_STRATUM; /* no server is of a lower stratum, whatever it says one day
				       */
	}
	if (!source->fit) {
		return -1;
	}
	if ((policy->stratum_from > 0 && source->stratum < policy->stratum_from) ||
	    (policy->stratum_below > 0 && source->stratum >= policy->stratum_below)) {
		return BLAME_STRATUM;
	}
	return policy->jitter_max_ns > 0 && source->jitter_ns > policy->jitter_max_ns ? BLAME_JITTER
										      : -1;
}

void
restart_case_fence(
    struct restart_case *input, const struct restart_line *line, struct restart_source *source)
{
	const struct restart_line nobody = { .flags = source->flags };
	const struct restart_fence *fence;
	struct restart_blame *blame = &input->policy.blames[BLAME_DEAF];
	struct ip ip = { .family = IP_NONE };
	int because;

	if (source->flags & (RESTART_REFCLOCK | RESTART_INIT)) {
		return;
	}
	because = unused_because(&input->policy, source);
	if (because >= 0) {
		source->flags |= RESTART_NOSELECT | RESTART_DEAF;
		if (!blame->text[0]) {
			*blame = input->policy.blames[because];
		}
		return;
	}
	ip_parse(source->address, &ip);
	fence = restart_fence_around(&input->policy, line ? line : &nobody, &ip);
	if (!fence) {
		return;
	}
	source->flags |= RESTART_NOSELECT | RESTART_DEAF;
	if (!blame->text[0]) {
		memcpy(blame->place, fence->place, sizeof(blame->place));
		memcpy(blame->text, fence->text, sizeof(blame->text));
	}
}

/*
 * Give @source the flags of its line, which is the one with its address.  If there is none, it may
 * come from any line with a host name: it gets the flags that all of these have in common.
 */
static void
take_line(struct restart_case *input, struct restart_source *source)
{
	if (is_refclock(&input->policy, source->address)) {
		take_refclock_line(&input->policy, source);
		return;
	}
	restart_case_fence(input, take_server_line(&input->policy, source), source);
}

/* Add each source that is also a server of initstepslew once more, as such a server. */
static void
add_init(struct restart_case *out)
{
	size_t sources = out->source_count;

	for (size_t i = 0; i < out->policy.line_count; i++) {
		const struct restart_line *line = &out->policy.lines[i];
		for (size_t k = 0; line->flags & RESTART_INIT && k < sources; k++) {
			if (same_address(line->name, out->sources[k].address) &&
			    out->source_count < RESTART_SOURCES_MAX) {
				out->sources[out->source_count] = out->sources[k];
				out->sources[out->source_count++].flags = RESTART_INIT;
			}
		}
	}
}

static enum source_auth
declared_auth(const struct restart_policy *policy, const struct restart_line *line)
{
	/* OpenNTPD has neither: there the flag stands for `trusted` */
	if (policy->rules == RESTART_RULES_MEDIAN || !(line->flags & RESTART_AUTH)) {
		return AUTH_NONE;
	}
	return line->nts ? AUTH_NTS : AUTH_KEY;
}

/*
 * Declare what the line of @source says: the one with its address.  If there is none, it may be of
 * any line with a host name, and what these have in common is declared.
 */
static void
declare(const struct restart_policy *policy, struct source_status *source)
{
	bool refclock = is_refclock(policy, source->address), first = true;
	struct ip ip;

	for (size_t i = 0; i < policy->line_count; i++) {
		const struct restart_line *line = &policy->lines[i];
		bool same = same_address(line->name, source->address);
		bool noselect = (line->flags & RESTART_NOSELECT) != 0;
		enum source_auth auth = declared_auth(policy, line);

		if (line->flags & RESTART_INIT || refclock != !!(line->flags & RESTART_REFCLOCK) ||
		    (!same && (refclock || !policy->known || ip_parse(line->name, &ip)))) {
			continue;
		}
		if (same || first) {
			source->noselect = noselect;
			source->declared_auth = auth;
		} else {
			source->noselect &= noselect;
			source->declared_auth = source->declared_auth == auth ? auth : AUTH_UNKNOWN;
		}
		if (same) {
			return;
		}
		first = false;
	}
}

void
restart_declare(const struct restart_policy *policy, struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		declare(policy, &status->sources[i]);
	}
}

void
restart_case_of_status(const struct restart_policy *policy, const struct daemon_status *status,
    struct restart_case *out)
{
	*out = (struct restart_case){ .policy = *policy, .rtc_offset_ns = INT64_MAX };
	out->measured_age_ns = -1;
	restart_policy_settle(&out->policy, status->version);
	for (size_t i = 0; i < status->source_count && i < RESTART_SOURCES_MAX; i++) {
		const struct source_status *from = &status->sources[i];
		struct restart_source *source = &out->sources[out->source_count++];

		snprintf(source->address, sizeof(source->address), "%s", from->address);
		source->fit = from->state >= SOURCE_FALSETICKER;
		source->stratum = from->stratum < 0 ? 0 : (unsigned)from->stratum;
		source->offset_ns = from->offset_ns;
		source->distance_ns = from->error_ns;
		take_line(out, source);
		if (from->age_ns > out->measured_age_ns) {
			out->measured_age_ns = from->age_ns;
		}
	}
	add_init(out);
}
