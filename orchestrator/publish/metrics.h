/* The fleet as Prometheus reads it (text format 0.0.4), in base units, so seconds.  A value that is
 * not known now is left out, but steps are as the latest report has them, however old that is. */
#ifndef ORCHESTRATOR_PUBLISH_METRICS_H
#define ORCHESTRATOR_PUBLISH_METRICS_H

#include "common/buf.h"
#include "orchestrator/collect/collector.h"

/* @now_ns: by the collector's boot clock */
void metrics_write(const struct collector *collector, int64_t now_ns, struct buf *out);

#endif
