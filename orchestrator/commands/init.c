/* timetier init: a first site.yaml with its keys, commented, to be filled with one's own names. */
#include "common/buf.h"
#include "common/log.h"
#include "common/resource.h"
#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/runs/keys/make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* An odd number: then the wrong ones never have as many votes as the right ones. */
#define OFFERS 7

struct options {
	struct common_options common;
	const char *country, *region;
	bool nts;
};

/* Read what the operator wants of servers.  Returns -1 when there is no such place. */
static int
read_wish(const struct options *options, struct wish *wish)
{
	*wish = (struct wish){
		.country = options->country, .region = options->region, .nts = options->nts
	};
	if (wish->country && !catalogue_region(wish->country)) {
		log_error("init: no country is called \"%s\": its two capital letters, as DE or US",
		    wish->country);
		return -1;
	}
	for (size_t i = 0; wish->region && catalogue_regions[i]; i++) {
		if (strcmp(catalogue_regions[i], wish->region) == 0) {
			return 0;
		}
	}
	if (wish->region) {
		log_error("init: no region is called \"%s\": africa, asia, europe, north-america, "
			  "oceania or south-america",
		    wish->region);
		return -1;
	}
	return 0;
}

/* The entry of one server, with the page that says who may use it. */
static void
add_offer(const struct wish *wish, const struct offer *offer, struct buf *out)
{
	const struct service *service = offer->service;

	buf_printf(out, "  # %s%s\n  # %s (read on %s)\n",
	    service->access == SERVICE_TOLD ? "TELL THE OPERATOR: " : "", service->terms,
	    service->source, service->seen);
	buf_printf(out, "  - {name: %s, address: %s, operator: \"%s\"", offer->name, offer->name,
	    service->operator_name);
	if (strcmp(service->country, "ZZ") != 0) {
		buf_printf(out, ", country: %s", service->country);
	}
	if (service->stratum > 0) {
		buf_printf(out, ", stratum: %u", service->stratum);
	}
	if (wish->nts) {
		buf_text(out, ", nts: true");
	}
	for (unsigned poll = 6; service->least_s > 64 && poll <= 10; poll++) {
		if (1u << poll >= service->least_s) {
			buf_printf(out, ", minpoll: %u", poll);
			break;
		}
	}
	buf_text(out, "}\n");
}

/* The first site with servers of the catalogue in place of its own. */
static void
add_site(const struct wish *wish, const struct offer *offers, size_t count,
    const struct resource *first, struct buf *out)
{
	static const char head[] = "\nupstreams:\n";
	const char *list = strstr(first->bytes, head) + strlen(head);

	buf_add(out, first->bytes, (size_t)(list - first->bytes));
	for (size_t i = 0; i < count; i++) {
		add_offer(wish, &offers[i], out);
	}
	buf_text(out, strstr(list, "\n\n") + 1);
}

/* Say when servers had to be taken from elsewhere. */
static void
tell_far(const struct wish *wish, const struct offer *offers, size_t count)
{
	const char *region = wish->region ? wish->region : catalogue_region(wish->country);
	size_t far = 0;

	for (size_t i = 0; i < count; i++) {
		far += offers[i].nearness == NEAR_WORLD;
	}
	if (far > 0) {
		printf(
		    "%zu of these %zu servers are elsewhere: the catalogue has no more for %s%s.\n",
		    far, count, region, wish->nts ? " with NTS" : "");
	}
}

static int
write_first(const char *path, const char *bytes, size_t len)
{
	/* exclusive: what the operator wrote is never overwritten */
	FILE *out = fopen(path, "wxe");
	bool whole;

	if (!out && errno == EEXIST) {
		log_error("init: %s is there already: `timetier check` tells whether it is sound; "
			  "--site FILE writes another one",
		    path);
		return EXIT_USAGE;
	}
	if (!out) {
		log_error("init: cannot write %s: %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	whole = fwrite(bytes, 1, len, out) == len;
	if (fclose(out) != 0 || !whole) {
		log_error("init: cannot write %s: %s", path, strerror(errno));
		unlink(path);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;
	const char *path = site_file(&options->common);
	const struct resource *first =
	    resource_find(example_resources, example_resource_count, "site.yaml");
	bool chosen = options->country || options->region || options->nts;
	struct offer offers[OFFERS];
	struct buf site = { 0 };
	struct wish wish;
	size_t count = 0;
	int status;

	if (read_wish(options, &wish) != 0) {
		return EXIT_USAGE;
	}
	if (chosen) {
		count = catalogue_offer(&wish, offers, OFFERS);
		add_site(&wish, offers, count, first, &site);
	} else {
		buf_add(&site, first->bytes, first->len);
	}
	status = write_first(path, buf_str(&site), site.len);
	buf_free(&site);
	if (status == EXIT_OK) {
		status = keys_make(&(struct common_options){ .site = path, .quiet = true });
	}
	if (status == EXIT_OK && !options->common.quiet) {
		printf("%s: a first site, with keys.yaml beside it.  Fill in your own names and "
		       "addresses;\nthen `timetier keys new`, `timetier check`.\n",
		    path);
		if (wish.country || wish.region) {
			tell_far(&wish, offers, count);
		}
	}
	return status;
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ "country", 0, OPTION_TEXT, offsetof(struct options, country), "CODE",
	    "with public servers near this country, as DE", 0 },
	{ "region", 0, OPTION_TEXT, offsetof(struct options, region), "REGION",
	    "with public servers of this part of the world, as europe", 0 },
	{ "nts", 0, OPTION_FLAG, offsetof(struct options, nts), NULL,
	    "with servers that have NTS alone", 0 },
	{ .name = NULL },
};

const struct command command_init = {
	.name = "init",
	.args = "",
	.summary = "write a commented first site.yaml, with its keys",
	.help =
	    "It comes with keys.yaml, for the servers that it names: they pass `timetier check` as "
	    "they are. No file that is there is overwritten.\n\n"
	    "exit status: 0 written, 2 failed: the reason is told",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
