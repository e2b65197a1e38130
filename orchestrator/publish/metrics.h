/* The fleet as Prometheus reads it (text format 0.0.4): base units, so seconds; what is not known
 * of a host now is left out, never repeated. */
#ifndef ORCHESTRATOR_PUBLISH_METRICS_H
#define ORCHESTRATOR_PUBLISH_METRICS_H

#include "common/buf.h"
#include "orchestrator/collect/collector.h"

/* @now_ns: the collector's boot clock */
void metrics_write(const struct collector *collector, int64_t now_ns, struct buf *out);

#endif
