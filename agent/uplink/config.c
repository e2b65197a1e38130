#include "agent/uplink/config.h"

#include "common/digest.h"
#include "common/nearest.h"
#include "daemons/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define INTERVAL_MIN_S 1
#define INTERVAL_MAX_S 3600

struct key {
	const char *name;
	bool several;
	int (*set)(struct agent_config *config, const char *value, struct error *err);
};

static int
set_host(struct agent_config *config, const char *value, struct error *err)
{
	if (strlen(value) >= sizeof(config->host)) {
		return error_set(
		    err, "the name is longer than %zu bytes", sizeof(config->host) - 1);
	}
	memcpy(config->host, value, strlen(value) + 1);
	return 0;
}

static bool
is_port(const char *text)
{
	char *end;
	long port;

	errno = 0;
	port = strtol(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && port >= 1 && port <= 65535 &&
	    strlen(text) < sizeof(((struct collector_address *)NULL)->port);
}

static int
set_collector(struct agent_config *config, const char *value, struct error *err)
{
	struct collector_address *collector = &config->collectors[config->collector_count];
	const char *from = value + strlen("https://"), *end, *port;

	if (config->collector_count == AGENT_COLLECTORS_MAX) {
		return error_set(err, "more than %d collectors", AGENT_COLLECTORS_MAX);
	}
	if (strncmp(value, "https://", strlen("https://")) != 0) {
		return error_set(err, "\"%s\" does not begin with https://", value);
	}
	if (*from == '[') {
		from++;
		end = strchr(from, ']');
		port = end ? end + 1 : NULL;
	} else {
		end = port = from + strcspn(from, ":/");
	}
	if (!end || end == from || (size_t)(end - from) >= sizeof(collector->host) ||
	    *port != ':' || !is_port(port + 1)) {
		return error_set(err, "\"%s\" is not https://ADDRESS:PORT", value);
	}
	memcpy(collector->host, from, (size_t)(end - from));
	collector->host[end - from] = '\0';
	memcpy(collector->port, port + 1, strlen(port + 1) + 1);
	config->collector_count++;
	return 0;
}

static int
set_pin(struct agent_config *config, const char *value, struct error *err)
{
	const char *digits = value + strlen("sha256//");
	uint8_t pin[AGENT_PIN_BYTES + 1];

	/* 32 bytes: 43 digits and one "=" */
	if (strncmp(value, "sha256//", strlen("sha256//")) != 0 || strlen(digits) != 44 ||
	    digits[43] != '=') {
		return error_set(err, "the pin is not sha256// and 44 base64 characters");
	}
	if (base64_decode(digits, 44, pin) != AGENT_PIN_BYTES) {
		return error_set(err, "the pin has a character that is not base64");
	}
	memcpy(config->pin, pin, sizeof(config->pin));
	return 0;
}

static int
set_token(struct agent_config *config, const char *value, struct error *err)
{
	size_t len = strlen(value);

	if (len < 32 || len >= sizeof(config->token) ||
	    strspn(value, "0123456789abcdefABCDEF") != len) {
		return error_set(err, "the token is not 32 to 256 hex digits");
	}
	memcpy(config->token, value, len + 1);
	return 0;
}

static int
parse_seconds(const char *value, int64_t *ns, struct error *err)
{
	char *end;
	long seconds;

	errno = 0;
	seconds = strtol(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || errno || strcmp(end, "s") != 0 ||
	    seconds < INTERVAL_MIN_S || seconds > INTERVAL_MAX_S) {
		return error_set(err, "\"%s\" is not an interval from %ds to %ds", value,
		    INTERVAL_MIN_S, INTERVAL_MAX_S);
	}
	*ns = seconds * NS_PER_S;
	return 0;
}

static int
set_interval(struct agent_config *config, const char *value, struct error *err)
{
	return parse_seconds(value, &config->interval_ns, err);
}

static int
set_proof_window(struct agent_config *config, const char *value, struct error *err)
{
	return parse_seconds(value, &config->proof_window_ns, err);
}

static int
set_daemon(struct agent_config *config, const char *value, struct error *err)
{
	if (strlen(value) >= sizeof(config->daemon) ||
	    (strcmp(value, "auto") != 0 && !daemon_find(value))) {
		return error_set(err, "no daemon \"%s\" is known", value);
	}
	memcpy(config->daemon, value, strlen(value) + 1);
	return 0;
}

static int
set_measure(struct agent_config *config, const char *value, struct error *err)
{
	if (config->measure_count == AGENT_MEASURES_MAX) {
		return error_set(err, "more than %d servers to measure", AGENT_MEASURES_MAX);
	}
	if (strlen(value) >= AGENT_MEASURE_BYTES) {
		return error_set(
		    err, "the server is longer than %d bytes", AGENT_MEASURE_BYTES - 1);
	}
	memcpy(config->measures[config->measure_count++], value, strlen(value) + 1);
	return 0;
}

static const struct key keys[] = {
	{ "host", false, set_host },
	{ "collector", true, set_collector },
	{ "pin", false, set_pin },
	{ "token", false, set_token },
	{ "interval", false, set_interval },
	{ "daemon", false, set_daemon },
	{ "proof_window", false, set_proof_window },
	{ "measure", true, set_measure },
};

static int
unknown_key(const char *name, struct error *err)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < COUNT(keys); i++) {
		nearest_offer(&nearest, keys[i].name);
	}
	if (nearest.best) {
		return error_set(
		    err, "no key \"%.40s\" is known; did you mean \"%s\"?", name, nearest.best);
	}
	return error_set(err, "no key \"%.40s\" is known", name);
}

static int
set_key(struct agent_config *config, const char *name, const char *value, unsigned *seen,
    struct error *err)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(keys[i].name, name) != 0) {
			continue;
		}
		if (*seen & 1U << i && !keys[i].several) {
			return error_set(err, "\"%s\" stands here twice", name);
		}
		if (!value[0]) {
			return error_set(err, "\"%s\" has no value", name);
		}
		*seen |= 1U << i;
		return keys[i].set(config, value, err);
	}
	return unknown_key(name, err);
}

static int
parse_line(struct agent_config *config, char *line, unsigned *seen, struct error *err)
{
	char *name = line + strspn(line, " \t"), *value, *end;

	if (*name == '#' || *name == '\0') {
		return 0;
	}
	value = name + strcspn(name, " \t");
	if (*value) {
		*value++ = '\0';
		value += strspn(value, " \t");
	}
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) {
		*--end = '\0';
	}
	return set_key(config, name, value, seen, err);
}

static int
check_missing(const char *file, unsigned seen, struct error *err)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (keys[i].set == set_interval || keys[i].set == set_daemon ||
		    keys[i].set == set_proof_window || keys[i].set == set_measure) {
			continue;
		}
		if (!(seen & 1U << i)) {
			return error_set(err, "%s: \"%s\" is missing", file, keys[i].name);
		}
	}
	return 0;
}

int
agent_config_parse(
    const char *name, const char *text, size_t len, struct agent_config *config, struct error *err)
{
	struct agent_config parsed = { .interval_ns = 64 * NS_PER_S, .daemon = "auto" };
	const char *end = text + len;
	unsigned seen = 0;

	for (unsigned number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		char line[LINE_BYTES];
		size_t size;

		stop = stop ? stop : end;
		size = (size_t)(stop - text);
		if (size >= sizeof(line) || memchr(text, '\0', size)) {
			return error_set(err,
			    "%s:%u: the line is too long, or has a NUL byte in it", name, number);
		}
		memcpy(line, text, size);
		line[size] = '\0';
		if (parse_line(&parsed, line, &seen, err) < 0) {
			return error_wrap(err, "%s:%u", name, number);
		}
		text = stop < end ? stop + 1 : end;
	}
	if (check_missing(name, seen, err) < 0) {
		return -1;
	}
	*config = parsed;
	return 0;
}
