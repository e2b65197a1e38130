#include "orchestrator/collect/visitors.h"

#include "common/hash.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESSES 8192 /* of hosts that are remembered; a hash has one place */

struct visitor {
	struct visitor *next, **before; /* in the list that it is in; NULL: it was closed */
	struct queue *queue;            /* likewise */
	uint64_t address, host;         /* hashes; 0: no host has shown its token */
	int64_t since_ns;
	int fd;
};

/* Visitors in the order in which they have to go. */
struct queue {
	struct visitor *first, **last;
	size_t count;
};

struct visitors {
	pthread_mutex_t lock; /* of all below */
	struct visitor_limits limits;
	struct queue strangers, known;
	uint64_t addresses[ADDRESSES]; /* hashes of addresses from which a token was shown */
};

struct visitors *
visitors_new(const struct visitor_limits *limits)
{
	struct visitors *made = calloc(1, sizeof(*made));

	if (!made || pthread_mutex_init(&made->lock, NULL) != 0) {
		abort();
	}
	made->limits = *limits;
	made->strangers.last = &made->strangers.first;
	made->known.last = &made->known.first;
	return made;
}

void
visitors_free(struct visitors *visitors)
{
	if (visitors) {
		pthread_mutex_destroy(&visitors->lock);
		free(visitors);
	}
}

static void
add(struct queue *queue, struct visitor *visitor)
{
	visitor->next = NULL;
	visitor->before = queue->last;
	visitor->queue = queue;
	*queue->last = visitor;
	queue->last = &visitor->next;
	queue->count++;
}

static void
leave(struct visitor *visitor)
{
	struct queue *queue = visitor->queue;

	if (!queue) {
		return;
	}
	*visitor->before = visitor->next;
	if (visitor->next) {
		visitor->next->before = visitor->before;
	} else {
		queue->last = visitor->before;
	}
	queue->count--;
	visitor->queue = NULL;
}

/* Its owner finds the connection at its end, and calls visitors_go().  NULL: there is nobody. */
static void
send_away(struct visitor *visitor)
{
	if (visitor) {
		leave(visitor);
		shutdown(visitor->fd, SHUT_RDWR);
	}
}

static bool
is_of_host(const struct visitors *visitors, uint64_t address)
{
	return visitors->addresses[address % ADDRESSES] == address;
}

/* Whether the peer has sent nothing; one that is in its handshake has. */
static bool
is_silent(const struct visitor *visitor)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(visitor->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	    info.tcpi_bytes_received == 0;
}

/* The stranger from @address that has to go first, when there are as many as there may be. */
static struct visitor *
least_welcome_of(const struct visitors *visitors, uint64_t address)
{
	struct visitor *first = NULL, *silent = NULL;
	size_t count = 0;

	for (struct visitor *at = visitors->strangers.first; at; at = at->next) {
		if (at->address != address) {
			continue;
		}
		count++;
		first = first ? first : at;
		silent = silent || !is_silent(at) ? silent : at;
	}
	if (count < visitors->limits.of_address) {
		return NULL;
	}
	return silent ? silent : first;
}

/* The stranger that has to go first. */
static struct visitor *
least_welcome(const struct visitors *visitors)
{
	struct visitor *unknown = NULL;

	for (struct visitor *at = visitors->strangers.first; at; at = at->next) {
		if (is_of_host(visitors, at->address)) {
			continue;
		}
		if (is_silent(at)) {
			return at;
		}
		unknown = unknown ? unknown : at;
	}
	return unknown ? unknown : visitors->strangers.first;
}

struct visitor *
visitors_come(struct visitors *visitors, const struct ip *ip, int fd, int64_t now_ns)
{
	const struct visitor_limits *limits = &visitors->limits;
	struct visitor *made = calloc(1, sizeof(*made)), *first;

	if (!made) {
		abort();
	}
	made->address = hash_add(HASH_START, ip->bytes, sizeof(ip->bytes));
	made->since_ns = now_ns;
	made->fd = fd;
	pthread_mutex_lock(&visitors->lock);
	while (limits->stranger_ns && (first = visitors->strangers.first) &&
	    now_ns - first->since_ns > limits->stranger_ns) {
		send_away(first);
	}
	send_away(least_welcome_of(visitors, made->address));
	if (visitors->strangers.count >= limits->strangers) {
		send_away(least_welcome(visitors));
	}
	add(&visitors->strangers, made);
	pthread_mutex_unlock(&visitors->lock);
	return made;
}

/* Make room among the known for one more connection of @host. */
static void
make_room(struct visitors *visitors, uint64_t host)
{
	struct visitor *first = NULL;
	size_t count = 0;

	for (struct visitor *at = visitors->known.first; at; at = at->next) {
		if (at->host == host) {
			first = first ? first : at;
			count++;
		}
	}
	if (count >= visitors->limits.of_host) {
		send_away(first);
	} else if (visitors->known.count >= visitors->limits.known) {
		send_away(visitors->known.first);
	}
}

void
visitors_prove(struct visitors *visitors, struct visitor *visitor, const char *host)
{
	uint64_t hash = hash_add(HASH_START, host, strlen(host));

	pthread_mutex_lock(&visitors->lock);
	if (visitor->queue) {
		leave(visitor);
		if (visitor->host != hash) {
			visitor->host = hash;
			make_room(visitors, hash);
		}
		add(&visitors->known, visitor);
		visitors->addresses[visitor->address % ADDRESSES] = visitor->address;
	}
	pthread_mutex_unlock(&visitors->lock);
}

void
visitors_go(struct visitors *visitors, struct visitor *visitor)
{
	pthread_mutex_lock(&visitors->lock);
	leave(visitor);
	pthread_mutex_unlock(&visitors->lock);
	free(visitor);
}
