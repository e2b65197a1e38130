/* A collector of a small site that listens nowhere: what orchestrator/publish reads of it is real.
 */
#ifndef TESTS_FAKE_FLEET_H
#define TESTS_FAKE_FLEET_H

#include "orchestrator/collect/collector.h"

#define FAKE_FLEET_NOW (1000000 * NS_PER_S) /* of the collector's boot clock */

/* Of two servers, time1 and time2, of three upstreams, and two clients, web1 and web2. */
struct fake_fleet {
	struct topology topology;
	struct collector collector;
	char folder[64], site[96], history[96];
};

/* For cmocka: @state becomes a struct fake_fleet. */
int fake_fleet_set_up(void **state);
int fake_fleet_tear_down(void **state);

/* A report of a host whose time is good. */
struct report fake_fleet_report(const char *host);

void fake_fleet_add_source(struct report *report, const char *address, enum source_state state);

/* The collector takes @report, which is the latest. */
void fake_fleet_take(struct fake_fleet *world, const struct report *report);

#endif
