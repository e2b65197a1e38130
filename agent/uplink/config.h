/* agent.conf: each line is a key and its value; # begins a comment.  This file does no I/O. */
#ifndef AGENT_UPLINK_CONFIG_H
#define AGENT_UPLINK_CONFIG_H

#include "common/error.h"

#define AGENT_COLLECTORS_MAX 8
#define AGENT_PIN_BYTES 32
#define AGENT_MEASURES_MAX 16
#define AGENT_MEASURE_BYTES 256
#define AGENT_CONFIG_BYTES_MAX 65536

struct collector_address {
	char host[256]; /* a name or an address, without brackets */
	char port[8];
};

struct agent_config {
	char host[256]; /* this host's name in site.yaml */
	struct collector_address collectors[AGENT_COLLECTORS_MAX];
	size_t collector_count;
	uint8_t pin[AGENT_PIN_BYTES]; /* SHA-256 of the collector's public key (SPKI) */
	char token[257];              /* hex digits */
	int64_t interval_ns;
	char daemon[32]; /* "auto", or a driver's name */
	/* servers of the site, by name or address, that the agent may ask for the time itself */
	char measures[AGENT_MEASURES_MAX][AGENT_MEASURE_BYTES];
	size_t measure_count;
	int64_t proof_window_ns; /* 0: the default of agent/witness/proof.h */
};

/*
 * Read the text of an agent.conf.
 *
 * @name:   of the file, for the words of an error
 * @config: filled on success, untouched on failure
 *
 * Returns 0, or -1 with @err set, naming the file and mostly the line: a key is not known, comes
 * twice or is missing, or a value is not valid.
 */
int agent_config_parse(const char *name, const char *text, size_t len, struct agent_config *config,
    struct error *err) MUST_CHECK;

#endif
