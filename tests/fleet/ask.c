/*
 * ask: measures NTP servers as the agent does, and selects among them as each daemon would.
 *
 *	ask [-n SAMPLES] [-t SECONDS] [-l SECONDS] [-a ADDRESSES] [-k ID:TYPE:SECRET] [-p PORT]
 *NAME...
 *
 * -t: the most to wait for one answer; -l: for all answers; -a: the most addresses of each name.
 * A NAME may be followed by /prefer or /true.  Prints a line for each address,
 *
 *	NAME ADDRESS SENT ANSWERED SAMPLES OFFSET_S DELAY_S DISTANCE_S STRATUM WHY
 *
 * and then a line for each set of rules: `ntpd ++x- majority OFFSET_S ERROR_S`.  Each letter stands
 * for an address: - unfit, x falseticker, o outlier, + survivor.  `none` stands in place of
 * `majority` when no majority agrees.
 */
#include "common/ntp/select.h"
#include "measure/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double
seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

/* The option of each name, in the order of the command line. */
static struct {
	bool prefer, truthy;
} options[MEASURE_TARGETS_MAX];

static void
print_target(const struct measure_target *target, struct select_source *source)
{
	const struct ntp_sample *best;
	int64_t jitter_ns;

	best = ntp_best_sample(target->samples, target->sample_count, &jitter_ns);
	printf("%s %s %u %u %zu", target->name, target->address[0] ? target->address : "-",
	    target->sent, target->answered, target->sample_count);
	if (best) {
		*source = (struct select_source){ .fit = true,
			.prefer = options[target->source].prefer,
			.truthy = options[target->source].truthy,
			.stratum = best->stratum,
			.offset_ns = best->offset_ns,
			.jitter_ns = jitter_ns,
			.distance_ns = ntp_root_distance_ns(
			    best, jitter_ns, clock_boot_ns() - best->boot_ns) };
		printf(" %.9f %.9f %.9f %u", seconds(best->offset_ns), seconds(best->delay_ns),
		    seconds(source->distance_ns), best->stratum);
	} else {
		printf(" - - - -");
	}
	printf(" %s\n", target->why);
}

static void
print_selection(
    const char *name, const struct select_rules *rules, struct select_source *sources, size_t count)
{
	struct select_result result;

	ntp_select(rules, sources, count, &result);
	printf("%s ", name);
	for (size_t i = 0; i < count; i++) {
		putchar("-xo++"[sources[i].state]);
	}
	printf(" %s %.9f %.9f\n", result.majority ? "majority" : "none", seconds(result.offset_ns),
	    seconds(result.error_ns));
}

static void
on_done(struct measure *measure)
{
	struct select_source sources[MEASURE_TARGETS_MAX] = { { 0 } };

	for (size_t i = 0; i < measure->target_count; i++) {
		print_target(&measure->targets[i], &sources[i]);
	}
	print_selection("rfc5905", &select_rfc5905, sources, measure->target_count);
	print_selection("ntpd", &select_ntpd, sources, measure->target_count);
	print_selection("chrony", &select_chrony, sources, measure->target_count);
	fflush(stdout);
	_exit(0); /* a resolver's thread may still be at work */
}

static bool
read_key(const char *text, struct mac_key *key)
{
	char type[16], secret[2 * MAC_SECRET_BYTES_MAX + 1];
	unsigned byte;

	if (sscanf(text, "%u:%15[^:]:%128[0-9a-fA-F]", &key->id, type, secret) != 3 ||
	    !mac_type_find(type, &key->type)) {
		return false;
	}
	for (size_t i = 0; sscanf(secret + i, "%2x", &byte) == 1; i += 2) {
		key->secret[key->secret_len++] = (uint8_t)byte;
	}
	return true;
}

int
main(int argc, char **argv)
{
	static struct measure measure;
	static struct mac_key key;
	struct measure_request request = {
		.samples = 3, .spacing_ns = 2 * NS_PER_S, .timeout_ns = NS_PER_S, .port = 123
	};
	unsigned addresses = 1;
	bool keyed = false;
	int option;

	while ((option = getopt(argc, argv, "n:t:l:a:k:p:")) != -1) {
		if (option == 'k') {
			keyed = read_key(optarg, &key);
		} else if (option == 'n') {
			request.samples = (unsigned)strtoul(optarg, NULL, 10);
		} else if (option == 't') {
			request.timeout_ns = (int64_t)(strtod(optarg, NULL) * 1e9);
		} else if (option == 'l') {
			request.limit_ns = (int64_t)(strtod(optarg, NULL) * 1e9);
		} else if (option == 'a') {
			addresses = (unsigned)strtoul(optarg, NULL, 10);
		} else if (option == 'p') {
			request.port = (uint16_t)strtoul(optarg, NULL, 10);
		} else {
			return 2;
		}
	}
	for (; optind < argc && request.count < MEASURE_TARGETS_MAX; optind++, request.count++) {
		char *slash = strchr(argv[optind], '/');

		if (slash) {
			*slash = '\0';
			options[request.count].prefer = strcmp(slash + 1, "prefer") == 0;
			options[request.count].truthy = strcmp(slash + 1, "true") == 0;
		}
		request.names[request.count] = argv[optind];
		request.addresses[request.count] = addresses;
		request.keys[request.count] = keyed ? &key : NULL;
	}
	measure_run(&measure, uv_default_loop(), &request, on_done);
	return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
