/*
 * Answers that go on: server-sent events of a plain server, on its loop.  Everybody who listens is
 * told the latest event; who reads slowly misses those before it.
 */
#ifndef ORCHESTRATOR_COLLECT_STREAMS_H
#define ORCHESTRATOR_COLLECT_STREAMS_H

#include "common/base.h"

struct MHD_Connection;
struct MHD_Response;
struct streams;

#define STREAMS_MAX 64         /* people who watch; who comes later is told to ask again */
#define STREAM_EVENT_BYTES 256 /* of one event */

struct streams *streams_new(void);

/* A response for @connection that tells every event, from the latest on; NULL: there are too many.
 * It leaves @streams by itself when its connection ends. */
struct MHD_Response *streams_add(struct streams *streams, struct MHD_Connection *connection);

/* Tell everybody @event, which ends with an empty line; run the library after it. */
void streams_tell(struct streams *streams, const char *event);

/* End those whose peer has closed its end, which the library does not see while they sleep; run the
 * library after it if there are any. */
bool streams_end_gone(struct streams *streams);

/* Wake all, so that the library can end them: call it before the library stops. */
void streams_wake(struct streams *streams);

/* The library has stopped. */
void streams_free(struct streams *streams);

#endif
