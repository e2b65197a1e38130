/* What the NTP servers of a test say, read from its script; timeserver.c describes the script. */
#ifndef TESTS_FLEET_TIMESERVER_H
#define TESTS_FLEET_TIMESERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define NS INT64_C(1000000000)
#define NTP_PORT 123
#define SERVERS_MAX 256

struct rule {
	struct in6_addr server, client; /* client all zero: for everybody */
	double offset, drift, rootdelay, dispersion, delay, jitter, drop, after, until;
	double stratum, leap, skip;
	double mode7, flood;
	bool silent, midnight, mode6, garbage;
	struct in6_addr elsewhere; /* all zero: it answers from where it was asked */
	char kiss[5];
	uint32_t refid;     /* 0: made from stratum and address */
	int64_t since;      /* CLOCK_MONOTONIC when the line was read */
	int64_t since_real; /* true time then */
	unsigned asked, answered;
};

struct server {
	struct in6_addr address;
	int fd;
};

extern struct server servers[SERVERS_MAX];
extern size_t server_count;

static inline int64_t
now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

/* True time, as all of the lab has it: vclock.h. */
int64_t true_time(void);

/* Take lines until the end of @in; write each mistake to @out, with its line in @name. */
bool script_read(FILE *in, FILE *out, const char *name);

/* The same from a file, whose lines replace all earlier ones. */
bool script_read_file(const char *path);

/* Answer what is no question for the time, or no good one; false: answer it as one for the time. */
bool doors_answer(int fd, const struct rule *rule, const struct sockaddr_in6 *to,
    const unsigned char *question, size_t len);

/* A socket at the address from which @rule answers instead. */
int doors_socket(const struct rule *rule);

/* The rule of a server for this client, else for everybody; NULL: there is none. */
struct rule *script_rule(const struct in6_addr *server, const struct in6_addr *client);

#endif
