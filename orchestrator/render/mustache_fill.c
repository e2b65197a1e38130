/* Renders the nodes of a template, with values, to text. */
#include "orchestrator/render/mustache_nodes.h"

#include <string.h>

struct rendering {
	const struct mustache_template *template;
	enum mustache_escape escape;
	const struct mustache_data *data;
	struct buf *out;
	size_t steps;
};

static int
fail(const struct node *node, const char *what, struct error *err)
{
	return error_set(
	    err, "%s:%u:%u: `%s`: %s", node->file, node->line, node->column, node->text, what);
}

static int
put_line_value(
    struct rendering *rendering, const struct node *node, const char *text, struct error *err)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			return fail(node, "its value has a line break or control character", err);
		}
	}
	buf_text(rendering->out, text);
	return 0;
}

static void
put_html(struct buf *out, const char *text)
{
	static const struct {
		char byte;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },
		{ '<', "&lt;" },
		{ '>', "&gt;" },
		{ '"', "&quot;" },
		{ '\'', "&#39;" },
	};

	for (; *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < COUNT(entities); i++) {
			if (entities[i].byte == *text) {
				entity = entities[i].entity;
			}
		}
		if (entity) {
			buf_text(out, entity);
		} else {
			buf_add(out, text, 1);
		}
	}
}

static int
put_value(struct rendering *rendering, const struct node *node, const struct mustache_value *value,
    struct error *err)
{
	if (value->kind != MUSTACHE_TEXT) {
		return 0;
	}
	if (rendering->escape == MUSTACHE_LINE) {
		return put_line_value(rendering, node, value->text, err);
	}
	if (node->type == NODE_RAW) {
		buf_text(rendering->out, value->text);
	} else {
		put_html(rendering->out, value->text);
	}
	return 0;
}

static bool
is_true(const struct mustache_value *value)
{
	switch (value->kind) {
	case MUSTACHE_FALSE:
		return false;
	case MUSTACHE_TRUE:
		return true;
	case MUSTACHE_TEXT:
		return value->text[0] != '\0';
	case MUSTACHE_LIST:
		return value->count > 0;
	}
	return false;
}

static int render_range(struct rendering *rendering, size_t begin, size_t end,
    const struct mustache_frame *frame, struct error *err);

static int
render_section(struct rendering *rendering, size_t index, const struct mustache_value *value,
    const struct mustache_frame *frame, struct error *err)
{
	const struct node *node = &rendering->template->nodes[index];

	if (is_true(value) != (node->type == NODE_SECTION)) {
		return 0;
	}
	if (node->type == NODE_INVERTED || value->kind != MUSTACHE_LIST) {
		return render_range(rendering, index + 1, node->end, frame, err);
	}
	for (size_t i = 0; i < value->count; i++) {
		struct mustache_frame inner = { .item = value->items[i], .outer = frame };

		if (render_range(rendering, index + 1, node->end, &inner, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Render the nodes from @begin to before @end.  Recursion is bounded by MUSTACHE_SECTION_DEPTH. */
static int
render_range(struct rendering *rendering, size_t begin, size_t end,
    const struct mustache_frame *frame, struct error *err)
{
	const struct mustache_data *data = rendering->data;
	struct mustache_value value;

	for (size_t i = begin; i < end; i++) {
		const struct node *node = &rendering->template->nodes[i];
		bool section = node->type == NODE_SECTION || node->type == NODE_INVERTED;

		if (++rendering->steps > MUSTACHE_STEPS_MAX) {
			return error_set(err, "lists within lists are too long");
		}
		if (rendering->out->overflowed) {
			break; /* mustache_render() reports it */
		}
		if (node->type == NODE_TEXT) {
			buf_add(rendering->out, node->text, node->len);
			continue;
		}
		value = (struct mustache_value){ .kind = MUSTACHE_FALSE };
		if (data->value(data->arg, node->id, frame, &value, err) < 0) {
			return error_wrap(err, "%s:%u:%u", node->file, node->line, node->column);
		}
		if (section ? render_section(rendering, i, &value, frame, err) < 0
			    : put_value(rendering, node, &value, err) < 0) {
			return -1;
		}
		if (section) {
			i = node->end - 1;
		}
	}
	return 0;
}

int
mustache_render(const struct mustache_template *template, enum mustache_escape escape,
    const struct mustache_data *data, struct buf *out, struct error *err)
{
	struct rendering rendering = {
		.template = template, .escape = escape, .data = data, .out = out
	};

	if (render_range(&rendering, 0, template->count, NULL, err) < 0) {
		return -1;
	}
	if (out->overflowed) {
		return error_set(err, "the text grows beyond %zu bytes", out->limit_bytes);
	}
	return 0;
}
