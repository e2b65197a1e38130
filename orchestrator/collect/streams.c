/*
 * Knows libmicrohttpd, as http.c does: a connection without news is suspended, so that neither the
 * library nor its timeout looks at it, until an event resumes it.
 */
#include "orchestrator/collect/streams.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct stream {
	struct streams *streams;
	struct stream *next, **before;
	struct MHD_Connection *connection;
	bool sleeps;      /* the connection is suspended */
	bool gone;        /* its peer has closed it */
	uint64_t serial;  /* of the event in @text */
	size_t len, sent; /* of @text */
	char text[STREAM_EVENT_BYTES];
};

struct streams {
	struct stream *first;
	size_t count;
	uint64_t serial;                /* of @event; 0: there was none */
	char event[STREAM_EVENT_BYTES]; /* the latest */
};

struct streams *
streams_new(void)
{
	struct streams *made = calloc(1, sizeof(*made));

	if (!made) {
		abort();
	}
	return made;
}

/* Called by the library when it can write. */
static ssize_t
read_event(void *context, uint64_t position UNUSED, char *out, size_t max)
{
	struct stream *stream = context;
	const struct streams *streams = stream->streams;
	size_t len;

	if (stream->gone) {
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (stream->sent == stream->len && stream->serial != streams->serial) {
		stream->serial = streams->serial;
		stream->sent = 0;
		stream->len = strlen(streams->event);
		memcpy(stream->text, streams->event, stream->len);
	}
	len = stream->len - stream->sent < max ? stream->len - stream->sent : max;
	if (len == 0) {
		stream->sleeps = true;
		MHD_suspend_connection(stream->connection);
		return 0;
	}
	memcpy(out, stream->text + stream->sent, len);
	stream->sent += len;
	return (ssize_t)len;
}

static void
end_stream(void *context)
{
	struct stream *stream = context;

	*stream->before = stream->next;
	if (stream->next) {
		stream->next->before = stream->before;
	}
	stream->streams->count--;
	free(stream);
}

struct MHD_Response *
streams_add(struct streams *streams, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	struct stream *made;

	if (streams->count >= STREAMS_MAX) {
		return NULL;
	}
	made = calloc(1, sizeof(*made));
	if (!made) {
		abort();
	}
	made->streams = streams;
	made->connection = connection;
	made->next = streams->first;
	made->before = &streams->first;
	if (made->next) {
		made->next->before = &made->next;
	}
	streams->first = made;
	streams->count++;
	response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, STREAM_EVENT_BYTES, read_event, made, end_stream);
	if (!response) {
		abort();
	}
	return response;
}

static void
wake(struct stream *stream)
{
	if (stream->sleeps) {
		stream->sleeps = false;
		MHD_resume_connection(stream->connection);
	}
}

void
streams_wake(struct streams *streams)
{
	for (struct stream *stream = streams->first; stream; stream = stream->next) {
		wake(stream);
	}
}

bool
streams_end_gone(struct streams *streams)
{
	bool any = false;

	for (struct stream *stream = streams->first; stream; stream = stream->next) {
		int fd =
		    MHD_get_connection_info(stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			->connect_fd;
		char byte;

		if (stream->sleeps && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
			stream->gone = any = true;
			wake(stream);
		}
	}
	return any;
}

void
streams_tell(struct streams *streams, const char *event)
{
	snprintf(streams->event, sizeof(streams->event), "%s", event);
	streams->serial++;
	streams_wake(streams);
}

void
streams_free(struct streams *streams)
{
	free(streams);
}
