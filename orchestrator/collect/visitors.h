/*
 * Who may hold a connection to a server, so that those who only hold connections keep nobody out.
 *
 * A connection is a stranger's until a request on it has shown the token of a host.  A stranger has
 * a short time for that.  When there are too many of them, the one that waits longest has to go: a
 * host shows its token within milliseconds of its connect, one that holds a connection never does.
 * Strangers that have sent nothing go first, and those whose address no host has used.  Of the
 * others, a host may have a few connections; the one that was used least recently has to go when it
 * opens more, or when the server is full.
 *
 * All functions may be called from several threads.
 */
#ifndef ORCHESTRATOR_COLLECT_VISITORS_H
#define ORCHESTRATOR_COLLECT_VISITORS_H

#include "common/address.h"

struct visitors;
struct visitor;

struct visitor_limits {
	unsigned strangers;  /* at most so many connections without a token */
	unsigned of_address; /* and so many of them from one address */
	unsigned known;      /* at most so many connections of hosts, */
	unsigned of_host;    /* and so many of one host */
	int64_t stranger_ns; /* after so long without a token, a stranger may be closed; 0: never */
};

struct visitors *visitors_new(const struct visitor_limits *limits);
void visitors_free(struct visitors *visitors);

/*
 * A connection has come.  Others may be closed for it, by shutdown(2): whoever owns them sees
 * that they ended, and calls visitors_go().
 *
 * @ip:     the peer's address; of IP_NONE where it has none
 * @fd:     its socket, open until visitors_go()
 * @now_ns: CLOCK_BOOTTIME
 */
struct visitor *visitors_come(
    struct visitors *visitors, const struct ip *ip, int fd, int64_t now_ns);

/* A request on the connection has shown the token of @host. */
void visitors_prove(struct visitors *visitors, struct visitor *visitor, const char *host);

/* The connection ends: call this before its socket is closed.  Frees @visitor. */
void visitors_go(struct visitors *visitors, struct visitor *visitor);

#endif
