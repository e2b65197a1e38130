#include "orchestrator/review/diagram.h"

#include "orchestrator/document/document.h"
#include "orchestrator/topology/topology.h"

#include <string.h>

#define WIDTH 960
#define BOX_W 150
#define BOX_W_MIN 106 /* so that eight sources are one row */
#define BOX_H 50
#define GAP_X 14
#define ROW_GAP 74
#define TIER_SHIFT 250 /* a tier below a tier stands aside: lines to clients pass it */
#define SOURCES_SHOWN 24
#define GROUPS_SHOWN 12
#define NAMES_SHOWN 5
#define DEPTH_MAX 16

struct box {
	unsigned x, y, w, h;
};

/* The place of every thing that is drawn; what is beyond the bounds is counted in a last box. */
struct picture {
	const struct topology *topology;
	struct arena arena;
	struct box *upstreams, *tiers, *groups; /* w 0: not drawn */
	unsigned height;
};

/* How many tiers @tier is below the upstreams. */
static unsigned
depth_of(const struct tier *tier)
{
	unsigned depth = 0;

	while (depth < DEPTH_MAX && tier->sources.count > 0 && tier->sources.list[0].server) {
		tier = tier->sources.list[0].server->tier;
		depth++;
	}
	return depth;
}

/* The width of @count boxes, so that they are one row if they can be. */
static unsigned
box_width(size_t count)
{
	unsigned width = count > 0 ? (unsigned)((WIDTH + GAP_X) / count) - GAP_X : BOX_W;

	return count > 8 || width > BOX_W ? BOX_W : width < BOX_W_MIN ? BOX_W_MIN : width;
}

/* Set @count boxes in rows below @y, around @middle; returns where the next row may be. */
static unsigned
set_row(struct box *boxes, const size_t *which, size_t count, struct box like, unsigned middle)
{
	size_t per_row = (WIDTH + GAP_X) / (like.w + GAP_X);

	for (size_t i = 0; i < count; i++) {
		size_t row = i / per_row, in_row = count - row * per_row;
		unsigned used, left;

		in_row = in_row < per_row ? in_row : per_row;
		used = (unsigned)in_row * (like.w + GAP_X) - GAP_X;
		left = middle > used / 2 ? middle - used / 2 : 0;
		left = left + used > WIDTH ? WIDTH - used : left;
		boxes[which[i]] =
		    (struct box){ .x = left + (unsigned)(i % per_row) * (like.w + GAP_X),
			    .y = like.y + (unsigned)row * (like.h + 14),
			    .w = like.w,
			    .h = like.h };
	}
	return count == 0
	    ? like.y
	    : like.y + (unsigned)((count - 1) / per_row) * (like.h + 14) + like.h + ROW_GAP;
}

/* How deep the tier is that @group takes time from; 0 where it asks upstreams. */
static unsigned
group_depth(const struct client_group *group)
{
	const struct host *server = group->sources.count > 0 ? group->sources.list[0].server : NULL;

	return server ? depth_of(server->tier) : 0;
}

static unsigned
tier_width(const struct picture *picture)
{
	return picture->topology->tier_count > 2 ? 300 : 420;
}

static void
lay_out(struct picture *picture)
{
	const struct topology *topology = picture->topology;
	size_t most = topology->upstream_count + topology->tier_count + topology->group_count;
	size_t *which = arena_alloc(&picture->arena, (most + 1) * sizeof(*which));
	size_t count = 0;
	unsigned y = 26;

	picture->upstreams = arena_alloc(&picture->arena, (most + 1) * sizeof(struct box));
	picture->tiers = arena_alloc(&picture->arena, (most + 1) * sizeof(struct box));
	picture->groups = arena_alloc(&picture->arena, (most + 1) * sizeof(struct box));
	memset(picture->upstreams, 0, (most + 1) * sizeof(struct box));
	memset(picture->tiers, 0, (most + 1) * sizeof(struct box));
	memset(picture->groups, 0, (most + 1) * sizeof(struct box));
	for (size_t i = 0; i < topology->upstream_count && i < SOURCES_SHOWN; i++) {
		which[count++] = i;
	}
	y = set_row(picture->upstreams, which, count,
	    (struct box){ .y = y, .w = box_width(count), .h = BOX_H }, WIDTH / 2);
	for (unsigned depth = 0; depth <= DEPTH_MAX; depth++) {
		count = 0;
		for (size_t i = 0; i < topology->tier_count; i++) {
			if (depth_of(&topology->tiers[i]) == depth) {
				which[count++] = i;
			}
		}
		y = set_row(picture->tiers, which, count,
		    (struct box){ .y = y, .w = tier_width(picture), .h = 76 },
		    WIDTH / 2 + depth * TIER_SHIFT);
	}
	count = 0;
	for (unsigned depth = 0; depth <= DEPTH_MAX; depth++) {
		for (size_t i = 0; i < topology->group_count && count < GROUPS_SHOWN; i++) {
			if (group_depth(&topology->groups[i]) == depth) {
				which[count++] = i;
			}
		}
	}
	y = set_row(picture->groups, which, count,
	    (struct box){ .y = y, .w = box_width(count), .h = BOX_H }, WIDTH / 2);
	picture->height = y - ROW_GAP + 30;
}

static void
add_edge(struct buf *out, const struct box *from, const struct box *to)
{
	unsigned x1 = from->x + from->w / 2, y1 = from->y + from->h;
	unsigned x2 = to->x + to->w / 2, y2 = to->y, middle = (y1 + y2) / 2;

	if (from->w > 0 && to->w > 0) {
		html_add(out, "<path class=\"edge\" d=\"M%u %uC%u %u %u %u %u %u\"/>\n", x1, y1, x1,
		    middle, x2, middle, x2, y2);
	}
}

/* An edge for each upstream, and one for each tier that a source is of. */
static void
add_edges(
    struct picture *picture, struct buf *out, const struct source_list *list, const struct box *to)
{
	const struct tier *last = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct source *source = &list->list[i];

		if (source->upstream) {
			size_t at = (size_t)(source->upstream - picture->topology->upstreams);

			add_edge(out, &picture->upstreams[at], to);
		} else if (source->server && source->server->tier != last) {
			last = source->server->tier;
			add_edge(out, &picture->tiers[last - picture->topology->tiers], to);
		}
	}
}

/* @text cut to what a box of @w pixels holds. */
static const char *
fitted(struct picture *picture, const char *text, unsigned w, double pixels_a_character)
{
	size_t most = (size_t)((w - 16) / pixels_a_character), count = 0, at = 0;

	for (; text[at] && count <= most; at++) {
		count += ((unsigned char)text[at] & 0xc0) != 0x80;
	}
	if (!text[at] && count <= most) {
		return text;
	}
	for (count = at = 0; text[at] && count < most; at++) {
		count += ((unsigned char)text[at] & 0xc0) != 0x80;
	}
	return arena_printf(&picture->arena, "%.*s…", (int)at - 1, text);
}

static void
add_box(struct picture *picture, struct buf *out, const struct box *box, const char *class,
    const char *name, const char *below)
{
	unsigned x = box->x + box->w / 2;

	html_add(out,
	    "<g class=\"%s\"><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"7\"/>"
	    "<text x=\"%u\" y=\"%u\" class=\"name\">%s</text>"
	    "<text x=\"%u\" y=\"%u\" class=\"below\">%s</text></g>\n",
	    class, box->x, box->y, box->w, box->h, x, box->y + 22,
	    fitted(picture, name, box->w, 7.6), x, box->y + 39,
	    fitted(picture, below, box->w, 6.6));
}

static const char *
server_names(struct picture *picture, const struct tier *tier)
{
	struct buf names = { 0 };
	const char *text;

	for (size_t i = 0; i < tier->server_count && i < NAMES_SHOWN; i++) {
		buf_printf(&names, "%s%s", i ? "  " : "", tier->servers[i]->name);
	}
	if (tier->server_count > NAMES_SHOWN) {
		buf_printf(&names, "  +%zu", tier->server_count - NAMES_SHOWN);
	}
	text = arena_strdup(&picture->arena, buf_str(&names));
	buf_free(&names);
	return text;
}

static const char *
peering_words(const struct tier *tier)
{
	return tier->server_count < 2       ? "one server"
	    : tier->peering == PEERING_NONE ? "servers that do not know each other"
					    : "servers that know each other";
}

static void
add_boxes(struct picture *picture, struct buf *out)
{
	const struct topology *topology = picture->topology;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct upstream *upstream = &topology->upstreams[i];

		if (picture->upstreams[i].w > 0) {
			add_box(picture, out, &picture->upstreams[i], "source", upstream->name,
			    upstream->operator_name ? upstream->operator_name
						    : upstream->addresses.list[0].text);
		}
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];
		const struct box *box = &picture->tiers[i];

		if (box->w == 0) {
			continue;
		}
		add_box(picture, out, box, tier->isolated ? "tier isolated" : "tier", tier->name,
		    server_names(picture, tier));
		html_add(out, "<text x=\"%u\" y=\"%u\" class=\"below\">%s, quorum %u%s</text>\n",
		    box->x + box->w / 2, box->y + 60, peering_words(tier), tier_quorum(tier),
		    tier->isolated ? ", may run alone" : "");
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		if (picture->groups[i].w > 0) {
			add_box(picture, out, &picture->groups[i], "group", group->name,
			    arena_printf(&picture->arena, "%zu host%s", group->host_count,
				group->host_count == 1 ? "" : "s"));
		}
	}
}

void
diagram_add(const struct topology *topology, struct buf *out)
{
	struct picture picture = { .topology = topology };

	lay_out(&picture);
	html_add(out, "<svg viewBox=\"-2 0 %d %u\" xmlns=\"http://www.w3.org/2000/svg\">\n",
	    WIDTH + 4, picture.height);
	for (size_t i = 0; i < topology->tier_count; i++) {
		add_edges(&picture, out, &topology->tiers[i].sources, &picture.tiers[i]);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		add_edges(&picture, out, &topology->groups[i].sources, &picture.groups[i]);
	}
	add_boxes(&picture, out);
	if (topology->upstream_count > SOURCES_SHOWN || topology->group_count > GROUPS_SHOWN) {
		html_add(out,
		    "<text x=\"%d\" y=\"%u\" class=\"below\">not all are drawn: %zu sources, "
		    "%zu groups of clients in all</text>\n",
		    WIDTH / 2, picture.height - 8, topology->upstream_count, topology->group_count);
	}
	buf_text(out, "</svg>\n");
	arena_free(&picture.arena);
}

void
diagram_words(const struct topology *topology, struct buf *out)
{
	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];

		buf_printf(out, "%sTier %s (", i ? " " : "", tier->name);
		for (size_t s = 0; s < tier->server_count; s++) {
			buf_printf(out, "%s%s", s ? ", " : "", tier->servers[s]->name);
		}
		buf_text(out, ") takes time from ");
		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct source *source = &tier->sources.list[s];

			buf_printf(out, "%s%s", s ? ", " : "",
			    source->upstream ? source->upstream->name : source->server->name);
		}
		buf_text(out, tier->sources.count ? "." : "nobody.");
	}
}
