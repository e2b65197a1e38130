#include "orchestrator/show/what_if.h"

#include "common/clock.h"
#include "orchestrator/cli/fill.h"
#include "orchestrator/graph/words.h"

#include <stdio.h>

#define WIDTH 78
#define LABEL 14 /* columns of "  two losses  " */

static void
print_beside(const char *label, struct buf *text)
{
	printf("  %-*s", LABEL - 2, label);
	fill_paragraph(buf_str(text), text->len, LABEL, fill_width(stdout, WIDTH), stdout);
	buf_reset(text);
}

static void
print_tier(const struct graph *graph, const struct graph_tier *tier)
{
	struct buf text = { 0 };

	printf("\n%s\n", tier->tier->name);
	words_tier(tier, &text);
	print_beside("has", &text);
	if (tier->sources > 0) {
		words_liars(tier, &text);
		print_beside("wrong", &text);
		words_spare(tier, &text);
		print_beside("silent", &text);
	}
	words_losses(graph, tier, 1, &text);
	print_beside("one loss", &text);
	words_losses(graph, tier, 2, &text);
	print_beside("two losses", &text);
	words_day(tier, &text);
	print_beside("2012", &text);
	buf_free(&text);
}

void
what_if_print(const struct graph *graph, int64_t probed_ns)
{
	struct buf text = { 0 };
	char at[CLOCK_TEXT_BYTES];

	puts("What is left of the time when a part of the site goes, or two at once?");
	for (size_t i = 0; i < graph->tier_count; i++) {
		print_tier(graph, &graph->tiers[i]);
	}
	putchar('\n');
	buf_text(&text, words_below);
	buf_text(&text,
	    " 2012: on 19 November 2012 two servers of one operator, the US Naval "
	    "Observatory, were wrong by 12 years for fifty minutes.");
	if (probed_ns != 0) {
		buf_printf(&text, " Whom the upstreams follow is known from the probe of %.10s.",
		    clock_text(probed_ns, at));
	} else if (graph->topology->upstream_count > 0) {
		buf_text(&text,
		    " Whether upstreams follow one and the same server is not known before "
		    "`timetier probe` has asked them.");
	}
	fill_paragraph(buf_str(&text), text.len, 0, fill_width(stdout, WIDTH), stdout);
	if (graph->examined[1] < graph->part_count) {
		printf("Looked at: %zu of %zu parts alone, the largest %zu in pairs.\n",
		    graph->examined[0], graph->part_count, graph->examined[1]);
	}
	buf_free(&text);
}

static json_t *
loss_json(const struct graph_loss *loss)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < COUNT(loss->parts) && loss->parts[i]; i++) {
		const struct graph_part *part = loss->parts[i];

		json_array_append_new(parts,
		    json_pack("{s:s, s:s, s:I, s:I}", "kind", graph_kind_word(part->kind), "name",
			part->name, "upstreams", (json_int_t)part->upstream_count, "servers",
			(json_int_t)part->server_count));
	}
	return json_pack("{s:o, s:s, s:i, s:i, s:b}", "parts", parts, "effect",
	    graph_effect_word(loss->effect), "sources_left", (int)loss->left, "servers_left",
	    (int)loss->servers, "because_above", (int)loss->above);
}

static json_t *
losses_json(const struct graph_tier *tier, size_t which)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tier->losses[which].kept; i++) {
		json_array_append_new(list, loss_json(&tier->losses[which].list[i]));
	}
	return json_pack(
	    "{s:I, s:o}", "count", (json_int_t)tier->losses[which].count, "list", list);
}

static json_t *
day_json(const struct graph_tier *tier)
{
	struct buf text = { 0 };
	json_t *day;

	words_day(tier, &text);
	day = json_pack("{s:s?, s:i, s:s, s:s}", "operator", tier->wrong_operator, "wrong",
	    (int)tier->wrong, "outcome", graph_day_word(tier->day), "text", buf_str(&text));
	buf_free(&text);
	return day;
}

static json_t *
tier_json(const struct graph_tier *tier)
{
	json_t *object = json_pack("{s:s, s:i, s:o, s:I, s:i, s:i, s:i, s:i}", "tier",
	    tier->tier->name, "depth", (int)tier->depth, "stratum",
	    tier->stratum > 0 ? json_integer(tier->stratum) : json_null(), "servers",
	    (json_int_t)tier->tier->server_count, "sources", (int)tier->sources, "upstreams",
	    (int)tier->upstreams, "operators", (int)tier->operators, "quorum", (int)tier->quorum);

	json_object_set_new(object, "survives",
	    json_pack("{s:i, s:i, s:i}", "wrong", (int)tier->liars, "wrong_at_start",
		(int)tier->liars_at_start, "silent", (int)tier->spare));
	json_object_set_new(object, "losses",
	    json_pack("{s:o, s:o}", "single", losses_json(tier, 0), "pair", losses_json(tier, 1)));
	json_object_set_new(object, "day_2012", day_json(tier));
	return object;
}

json_t *
what_if_json(const struct graph *graph, int64_t probed_ns)
{
	char at[CLOCK_TEXT_BYTES];
	json_t *tiers = json_array();

	for (size_t i = 0; i < graph->tier_count; i++) {
		json_array_append_new(tiers, tier_json(&graph->tiers[i]));
	}
	return json_pack("{s:I, s:{s:I, s:I}, s:s?, s:o}", "parts", (json_int_t)graph->part_count,
	    "examined", "single", (json_int_t)graph->examined[0], "pair",
	    (json_int_t)graph->examined[1], "probed_at",
	    probed_ns != 0 ? clock_text(probed_ns, at) : NULL, "tiers", tiers);
}
