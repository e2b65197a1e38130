/* Reads what the servers of a test should say, and opens their sockets. */
#include "tests/fleet/timeserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RULES_MAX 4096
#define LINE_BYTES 512

struct server servers[SERVERS_MAX];
size_t server_count;

static struct rule rules[RULES_MAX];
static size_t rule_count;

/* IPv4 becomes ::ffff:a.b.c.d, so that there is only one kind of address. */
static bool
parse_address(const char *text, struct in6_addr *address)
{
	char mapped[INET6_ADDRSTRLEN + 8];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	return inet_pton(AF_INET6, mapped, address) == 1;
}

static const char *
address_text(const struct in6_addr *address, char text[INET6_ADDRSTRLEN])
{
	inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
	return IN6_IS_ADDR_V4MAPPED(address) ? text + strlen("::ffff:") : text;
}

static struct rule *
find_rule(const struct in6_addr *server, const struct in6_addr *client)
{
	for (size_t i = 0; i < rule_count; i++) {
		if (IN6_ARE_ADDR_EQUAL(&rules[i].server, server) &&
		    IN6_ARE_ADDR_EQUAL(&rules[i].client, client)) {
			return &rules[i];
		}
	}
	return NULL;
}

static const char *
open_server(const struct in6_addr *address)
{
	struct sockaddr_in6 at = {
		.sin6_family = AF_INET6,
		.sin6_addr = *address,
		.sin6_port = htons(NTP_PORT),
	};
	int one = 1, zero = 0, fd;

	for (size_t i = 0; i < server_count; i++) {
		if (IN6_ARE_ADDR_EQUAL(&servers[i].address, address)) {
			return NULL;
		}
	}
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server_count == SERVERS_MAX || fd < 0) {
		return "too many servers";
	}
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		close(fd);
		return strerror(errno);
	}
	servers[server_count++] = (struct server){ *address, fd };
	return NULL;
}

static bool
number(const char *text, double *value)
{
	char *end;

	*value = text ? strtod(text, &end) : 0;
	return text && end != text && *end == '\0' && isfinite(*value);
}

/* Take one WORD and its value, from @rest of the line; returns what is wrong, or NULL. */
static const char *
take_word(struct rule *rule, const char *word, char **rest)
{
	const struct {
		const char *name;
		double *value;
	} numbers[] = {
		{ "offset", &rule->offset },
		{ "drift", &rule->drift },
		{ "stratum", &rule->stratum },
		{ "leap", &rule->leap },
		{ "rootdelay", &rule->rootdelay },
		{ "dispersion", &rule->dispersion },
		{ "delay", &rule->delay },
		{ "jitter", &rule->jitter },
		{ "drop", &rule->drop },
		{ "skip", &rule->skip },
		{ "after", &rule->after },
		{ "until", &rule->until },
		{ "mode7", &rule->mode7 },
		{ "flood", &rule->flood },
	};
	const char *value;

	if (strcmp(word, "silent") == 0) {
		rule->silent = true;
		return NULL;
	}
	if (strcmp(word, "midnight") == 0) {
		rule->midnight = true;
		return NULL;
	}
	if (strcmp(word, "mode6") == 0) {
		rule->mode6 = true;
		return NULL;
	}
	if (strcmp(word, "garbage") == 0) {
		rule->garbage = true;
		return NULL;
	}
	value = strtok_r(NULL, " \t", rest);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(word, numbers[i].name) == 0) {
			return number(value, numbers[i].value) ? NULL : "a number is missing";
		}
	}
	if (strcmp(word, "kiss") == 0 && value && strlen(value) <= 4) {
		memcpy(rule->kiss, value, strlen(value) + 1);
		return NULL;
	}
	if (strcmp(word, "refid") == 0 && value && inet_pton(AF_INET, value, &rule->refid) == 1) {
		return NULL;
	}
	if (strcmp(word, "elsewhere") == 0 && value && parse_address(value, &rule->elsewhere)) {
		return NULL;
	}
	return "no such word, or not such a value";
}

static const char *
take_rule(struct rule *rule, char *rest)
{
	const char *word = strtok_r(NULL, " \t", &rest);
	const char *wrong = NULL;

	if (word && strcmp(word, "client") == 0) {
		word = strtok_r(NULL, " \t", &rest);
		if (!word || !parse_address(word, &rule->client)) {
			return "not a client's address";
		}
		word = strtok_r(NULL, " \t", &rest);
	}
	for (; word && !wrong; word = strtok_r(NULL, " \t", &rest)) {
		wrong = take_word(rule, word, &rest);
	}
	return wrong;
}

static const char *
forget(char *rest)
{
	const char *word = strtok_r(NULL, " \t", &rest);
	const char *value = strtok_r(NULL, " \t", &rest);
	struct in6_addr client;
	size_t kept = 0;

	if (!word) {
		rule_count = 0;
		return NULL;
	}
	if (strcmp(word, "client") != 0 || !value || !parse_address(value, &client)) {
		return "forget [client ADDRESS]";
	}
	for (size_t i = 0; i < rule_count; i++) {
		if (!IN6_ARE_ADDR_EQUAL(&rules[i].client, &client)) {
			rules[kept++] = rules[i];
		}
	}
	rule_count = kept;
	return NULL;
}

static void
print_counts(FILE *out)
{
	for (size_t i = 0; i < rule_count; i++) {
		char server[INET6_ADDRSTRLEN], client[INET6_ADDRSTRLEN];

		fprintf(out, "%s client %s asked %u answered %u\n",
		    address_text(&rules[i].server, server), address_text(&rules[i].client, client),
		    rules[i].asked, rules[i].answered);
	}
}

/* Take a line; returns what is wrong with it, or NULL. */
static const char *
take_line(char *line, FILE *out)
{
	struct rule rule = {
		.stratum = 1, .since = now(CLOCK_MONOTONIC), .since_real = true_time()
	};
	struct rule *old;
	const char *wrong;
	char *word, *rest;

	line[strcspn(line, "#\r\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	if (!word) {
		return NULL;
	}
	if (strcmp(word, "forget") == 0) {
		return forget(rest);
	}
	if (strcmp(word, "counts") == 0) {
		print_counts(out);
		return NULL;
	}
	if (!parse_address(word, &rule.server)) {
		return "not a server's address";
	}
	wrong = take_rule(&rule, rest);
	wrong = wrong ? wrong : open_server(&rule.server);
	if (wrong) {
		return wrong;
	}
	old = find_rule(&rule.server, &rule.client);
	if (!old && rule_count == RULES_MAX) {
		return "too many lines";
	}
	*(old ? old : &rules[rule_count++]) = rule;
	return NULL;
}

bool
script_read(FILE *in, FILE *out, const char *name)
{
	char line[LINE_BYTES];
	bool good = true;

	for (unsigned n = 1; fgets(line, sizeof(line), in); n++) {
		const char *wrong = take_line(line, out);

		if (wrong) {
			fprintf(out, "%s:%u: %s\n", name, n, wrong);
			good = false;
		}
	}
	return good;
}

bool
script_read_file(const char *path)
{
	FILE *in = fopen(path, "re");
	bool good;

	if (!in) {
		perror(path);
		return false;
	}
	rule_count = 0;
	good = script_read(in, stderr, path);
	fclose(in);
	return good;
}

struct rule *
script_rule(const struct in6_addr *server, const struct in6_addr *client)
{
	struct rule *rule = find_rule(server, client);

	return rule ? rule : find_rule(server, &in6addr_any);
}
