#include "orchestrator/rollout/estimate.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * Medians of some tens of measurements on hosts in one room.  An upload, with the daemon's check
 * and the rename, takes 0.5 s.  chronyc's reloads, with a look at the time, take 0.3 s.  Before a
 * restart the agent measures its sources for 4.3 s.  After it, chrony follows a source again in 0.3
 * to 6 s, ntpd and NTPsec in 10 s.  Asking the other servers takes 0.4 s.
 */
#define FILES_NS (1 * NS_PER_S)
#define RELOAD_NS (1 * NS_PER_S)
#define RESTART_NS (13 * NS_PER_S)
#define QUORUM_NS (NS_PER_S / 2)
#define MEASURE_MOST_NS (60 * NS_PER_S) /* apply.sh waits no longer for the agent */

static bool
asks_for_quorum(const struct rollout_host *host)
{
	return host->host->role == HOST_SERVER && host->plan.restart;
}

struct estimate
estimate_host(const struct estimate_input *input, const struct rollout_host *host)
{
	enum file_action action = plan_action(&host->plan);
	struct estimate estimate = { 0, 0 };
	int64_t usual_ns = 0;

	if (input->usual && host->driver) {
		usual_ns = input->usual(input->ctx, host->driver->name, action);
	}
	switch (action) {
	case FILE_ACTION_NONE:
		estimate.about_ns = estimate.most_ns = FILES_NS;
		break;
	case FILE_ACTION_RELOAD_SOURCES:
	case FILE_ACTION_REFRESH:
	case FILE_ACTION_REKEY:
		estimate.about_ns = FILES_NS + RELOAD_NS;
		estimate.most_ns = FILES_NS + input->confirm_within_ns;
		break;
	case FILE_ACTION_RESTART:
		estimate.about_ns = FILES_NS + RESTART_NS;
		estimate.most_ns = FILES_NS + MEASURE_MOST_NS + input->confirm_within_ns;
		break;
	}
	if (usual_ns > 0) {
		estimate.about_ns = usual_ns;
	}
	if (asks_for_quorum(host)) {
		estimate.about_ns += QUORUM_NS;
		estimate.most_ns += input->confirm_within_ns;
	}
	if (estimate.most_ns < estimate.about_ns) {
		estimate.most_ns = estimate.about_ns;
	}
	return estimate;
}

/* A wave takes as long as its slowest host, or, when not all may work at once, sum / parallel. */
static struct estimate
one_wave(const struct estimate_input *input, const struct rollout_host *hosts, size_t count,
    unsigned wave)
{
	struct estimate sum = { 0, 0 }, longest = { 0, 0 };

	for (size_t i = 0; i < count; i++) {
		struct estimate estimate;

		if (hosts[i].wave != wave) {
			continue;
		}
		estimate = estimate_host(input, &hosts[i]);
		sum.about_ns += estimate.about_ns / input->parallel;
		sum.most_ns += estimate.most_ns / input->parallel;
		if (estimate.about_ns > longest.about_ns) {
			longest.about_ns = estimate.about_ns;
		}
		if (estimate.most_ns > longest.most_ns) {
			longest.most_ns = estimate.most_ns;
		}
	}
	return (struct estimate){
		sum.about_ns > longest.about_ns ? sum.about_ns : longest.about_ns,
		sum.most_ns > longest.most_ns ? sum.most_ns : longest.most_ns,
	};
}

struct estimate
estimate_wave(const struct estimate_input *input, const struct rollout_host *hosts, size_t count,
    unsigned wave)
{
	struct estimate all = { 0, 0 };
	unsigned waves = 0;

	if (wave > 0) {
		return one_wave(input, hosts, count, wave);
	}
	for (size_t i = 0; i < count; i++) {
		waves = hosts[i].wave > waves ? hosts[i].wave : waves;
	}
	for (unsigned i = 1; i <= waves; i++) {
		struct estimate one = one_wave(input, hosts, count, i);

		all.about_ns += one.about_ns;
		all.most_ns += one.most_ns;
	}
	return all;
}

const char *
estimate_text(int64_t ns, char *out)
{
	int64_t s = (ns + NS_PER_S - 1) / NS_PER_S;

	if (s <= 5) {
		snprintf(out, ESTIMATE_TEXT_BYTES, "%" PRId64 " s", s);
	} else if (s <= 90) {
		snprintf(out, ESTIMATE_TEXT_BYTES, "%" PRId64 " s", (s + 4) / 5 * 5);
	} else if (s <= 5400) {
		snprintf(out, ESTIMATE_TEXT_BYTES, "%" PRId64 " min", (s + 30) / 60);
	} else {
		snprintf(out, ESTIMATE_TEXT_BYTES, "%.1f h", (double)s / 3600);
	}
	return out;
}
