/* The fleet as Prometheus reads it (text format 0.0.4), in base units, so seconds.  A value that is
 * not known now is left out, but steps are as the latest report has them, however old that is. */
#ifndef ORCHESTRATOR_PUBLISH_METRICS_H
#define ORCHESTRATOR_PUBLISH_METRICS_H

#include "common/buf.h"
#include "orchestrator/collect/collector.h"

/* Which hosts have series of their own. */
enum metrics_hosts {
	METRICS_ALL,
	METRICS_BAD, /* those whose state is not good */
	METRICS_NONE,
};

/* Read "all", "bad" or "none"; else false. */
bool metrics_parse_hosts(const char *text, enum metrics_hosts *hosts);

/* @now_ns: by the collector's boot clock */
void metrics_write(
    const struct collector *collector, enum metrics_hosts hosts, int64_t now_ns, struct buf *out);

#endif
