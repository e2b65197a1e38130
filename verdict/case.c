/* Makes a restart_case of what the daemon itself tells: its sources, with flags of their lines. */
#include "common/address.h"
#include "daemons/daemon.h"
#include "verdict/restart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
same_address(const char *a, const char *b)
{
	struct ip left, right;

	if (ip_parse(a, &left) && ip_parse(b, &right)) {
		return ip_equal(&left, &right);
	}
	return strcasecmp(a, b) == 0;
}

/*
 * Give @source the flags of its line, which is the one with its address.  If there is none, it may
 * come from any line with a host name: it gets the flags that all of these have in common.
 */
static void
take_line(const struct restart_policy *policy, struct restart_source *source)
{
	const struct restart_line *candidate = NULL;
	struct ip ip;

	for (size_t i = 0; i < policy->line_count; i++) {
		const struct restart_line *line = &policy->lines[i];

		if (line->flags & RESTART_INIT) {
			continue;
		}
		if (same_address(line->name, source->address) ||
		    (line->flags & RESTART_REFCLOCK &&
			strncasecmp(line->name, source->address, strlen(line->name)) == 0)) {
			source->flags = line->flags;
			source->minpoll = line->minpoll;
			return;
		}
		if (ip_parse(line->name, &ip)) {
			continue;
		}
		if (!candidate) {
			candidate = line;
			source->flags = line->flags;
			source->minpoll = line->minpoll;
		} else if (source->flags != line->flags || source->minpoll != line->minpoll) {
			source->flags = (source->flags & line->flags) | RESTART_UNSURE;
		}
	}
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

void
restart_case_of_status(const struct restart_policy *policy, const struct daemon_status *status,
    struct restart_case *out)
{
	*out = (struct restart_case){ .policy = *policy, .rtc_offset_ns = INT64_MAX };
	out->measured_age_ns = -1;
	for (size_t i = 0; i < status->source_count && i < RESTART_SOURCES_MAX; i++) {
		const struct source_status *from = &status->sources[i];
		struct restart_source *source = &out->sources[out->source_count++];

		snprintf(source->address, sizeof(source->address), "%s", from->address);
		source->fit = from->state >= SOURCE_FALSETICKER;
		source->stratum = from->stratum < 0 ? 0 : (unsigned)from->stratum;
		source->offset_ns = from->offset_ns;
		source->distance_ns = from->error_ns;
		take_line(policy, source);
		if (from->age_ns > out->measured_age_ns) {
			out->measured_age_ns = from->age_ns;
		}
	}
	add_init(out);
}
