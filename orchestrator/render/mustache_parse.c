/* Parses the text of a template to nodes.  The nodes of a partial replace the tag that names it. */
#include "orchestrator/render/mustache_nodes.h"

#include <stdlib.h>
#include <string.h>

/* What is built while one template and its partials are parsed. */
struct builder {
	struct arena *arena;
	const struct mustache_names *names;
	struct node *nodes;
	size_t count, capacity;
	size_t open[MUSTACHE_SECTION_DEPTH]; /* indexes of the sections that are open */
	size_t open_count;
	const char *files[MUSTACHE_PARTIAL_DEPTH + 1]; /* the template, its partial, ... */
	size_t file_count;
};

/* How far one file is parsed. */
struct reader {
	const char *file;
	const char *text;
	size_t len;
	size_t at;         /* everything before this is parsed */
	size_t indent;     /* blanks that put_partial() put before each line */
	size_t counted;    /* lines are counted up to here */
	size_t line_start; /* of the line that contains `counted` */
	unsigned line;     /* number of this line */
};

struct tag {
	char sigil; /* # ^ / > ! & { or 0 */
	const char *name;
	size_t name_len;
	size_t begin, end; /* of the tag, or of its whole line after take_line() */
	unsigned line, column;
};

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void
place(struct reader *reader, size_t at, struct tag *tag)
{
	size_t column;

	for (; reader->counted < at; reader->counted++) {
		if (reader->text[reader->counted] == '\n') {
			reader->line++;
			reader->line_start = reader->counted + 1;
		}
	}
	column = at - reader->line_start + 1;
	tag->line = reader->line;
	tag->column = (unsigned)(column > reader->indent ? column - reader->indent : column);
}

static int
fail(const struct reader *reader, const struct tag *tag, const char *what, struct error *err)
{
	return error_set(err, "%s:%u:%u: %s", reader->file, tag->line, tag->column, what);
}

static struct node *
add_node(struct builder *builder, enum node_type type)
{
	struct node *node;

	if (builder->count == builder->capacity) {
		builder->capacity = builder->capacity ? 2 * builder->capacity : 64;
		builder->nodes =
		    realloc(builder->nodes, builder->capacity * sizeof(*builder->nodes));
		if (!builder->nodes) {
			abort();
		}
	}
	node = &builder->nodes[builder->count++];
	*node = (struct node){ .type = type };
	return node;
}

static void
add_text(struct builder *builder, const struct reader *reader, size_t from, size_t to)
{
	struct node *node;

	if (to > from) {
		node = add_node(builder, NODE_TEXT);
		node->text = arena_strndup(builder->arena, reader->text + from, to - from);
		node->len = to - from;
	}
}

/* Let @tag, which prints nothing, take its whole line with it, when it is alone on the line. */
static void
take_line(const struct reader *reader, struct tag *tag)
{
	size_t begin = tag->begin, end = tag->end;

	while (begin > 0 && is_blank(reader->text[begin - 1])) {
		begin--;
	}
	if (begin > 0 && reader->text[begin - 1] != '\n') {
		return;
	}
	while (end < reader->len && is_blank(reader->text[end])) {
		end++;
	}
	if (end < reader->len && reader->text[end] == '\r') {
		end++;
	}
	if (end < reader->len && reader->text[end] != '\n') {
		return;
	}
	tag->begin = begin;
	tag->end = end < reader->len ? end + 1 : end;
}

/* Set @tag->name to the text between @from and @to, without the blanks around it. */
static int
take_name(const struct reader *reader, struct tag *tag, size_t from, size_t to, struct error *err)
{
	while (from < to && strchr(" \t\r\n", reader->text[from])) {
		from++;
	}
	while (to > from && strchr(" \t\r\n", reader->text[to - 1])) {
		to--;
	}
	tag->name = reader->text + from;
	tag->name_len = to - from;
	if (tag->sigil == '!') {
		return 0;
	}
	if (tag->name_len == 0) {
		return fail(reader, tag, "a tag without a name", err);
	}
	for (size_t i = 0; i < tag->name_len; i++) {
		if ((unsigned char)tag->name[i] <= ' ' || strchr("{}#^&=", tag->name[i])) {
			return fail(reader, tag, "a name holds no blanks or braces", err);
		}
	}
	return 0;
}

/* Read the tag whose "{{" is at @at. */
static int
read_tag(struct reader *reader, size_t at, struct tag *tag, struct error *err)
{
	size_t from = at + 2;
	const char *close = "}}";
	const char *end;

	*tag = (struct tag){ .begin = at };
	place(reader, at, tag);
	if (from < reader->len && strchr("#^/>!&{=", reader->text[from]) && reader->text[from]) {
		tag->sigil = reader->text[from++];
	}
	if (tag->sigil == '=') {
		return fail(reader, tag, "other delimiters than {{ and }} are not supported", err);
	}
	if (tag->sigil == '{') {
		close = "}}}";
	}
	end = memmem(reader->text + from, reader->len - from, close, strlen(close));
	if (!end) {
		return fail(reader, tag, "a tag that is never closed", err);
	}
	tag->end = (size_t)(end - reader->text) + strlen(close);
	if (take_name(reader, tag, from, (size_t)(end - reader->text), err) < 0) {
		return -1;
	}
	if (tag->sigil && strchr("#^/!>", tag->sigil)) {
		take_line(reader, tag);
	}
	return 0;
}

static int
add_named(struct builder *builder, const struct reader *reader, const struct tag *tag,
    enum node_type type, struct error *err)
{
	const struct mustache_names *names = builder->names;
	struct error why = { "" };
	struct node *node;
	int id;

	id = names->resolve(names->arg, tag->name, tag->name_len, &why);
	if (id < 0) {
		return fail(reader, tag, why.text, err);
	}
	node = add_node(builder, type);
	node->file = builder->files[builder->file_count - 1];
	node->line = tag->line;
	node->column = tag->column;
	node->text = arena_strndup(builder->arena, tag->name, tag->name_len);
	node->len = tag->name_len;
	node->id = id;
	return 0;
}

static int
open_section(struct builder *builder, const struct reader *reader, const struct tag *tag,
    enum node_type type, struct error *err)
{
	if (builder->open_count == MUSTACHE_SECTION_DEPTH) {
		return fail(reader, tag, "too many sections within each other", err);
	}
	builder->open[builder->open_count++] = builder->count;
	return add_named(builder, reader, tag, type, err);
}

static int
close_section(struct builder *builder, const struct reader *reader, const struct tag *tag,
    size_t outer, struct error *err)
{
	struct node *open;

	if (builder->open_count == outer) {
		return error_set(err, "%s:%u:%u: {{/%.*s}} closes a section that is not open",
		    reader->file, tag->line, tag->column, (int)tag->name_len, tag->name);
	}
	open = &builder->nodes[builder->open[builder->open_count - 1]];
	if (open->len != tag->name_len || memcmp(open->text, tag->name, open->len) != 0) {
		return error_set(err,
		    "%s:%u:%u: {{/%.*s}} where section `%s`, opened at line %u, must be closed",
		    reader->file, tag->line, tag->column, (int)tag->name_len, tag->name, open->text,
		    open->line);
	}
	open->end = builder->count;
	builder->open_count--;
	return 0;
}

static int parse_text(struct builder *builder, struct reader *reader, struct error *err);

/* @text with @indent before each of its lines. */
static const char *
indented(struct arena *arena, const char *text, size_t *len, const char *indent, size_t width)
{
	struct buf out = { 0 };
	const char *copy;

	for (size_t at = 0; at < *len;) {
		const char *newline = memchr(text + at, '\n', *len - at);
		size_t end = newline ? (size_t)(newline - text) + 1 : *len;

		buf_add(&out, indent, width);
		buf_add(&out, text + at, end - at);
		at = end;
	}
	*len = out.len;
	copy = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return copy;
}

static int
put_partial(struct builder *builder, const struct reader *reader, const struct tag *tag,
    size_t indent_begin, struct error *err)
{
	const struct mustache_names *names = builder->names;
	const char *name = arena_strndup(builder->arena, tag->name, tag->name_len);
	struct reader inner = { .file = name, .line = 1 };
	size_t width = 0;

	if (builder->file_count > MUSTACHE_PARTIAL_DEPTH) {
		return error_set(err, "%s:%u:%u: partial `%s` is more than %d partials deep",
		    reader->file, tag->line, tag->column, name, MUSTACHE_PARTIAL_DEPTH);
	}
	inner.text = names->partial(names->arg, name, &inner.len);
	if (!inner.text) {
		return error_set(err, "%s:%u:%u: there is no template `%s`", reader->file,
		    tag->line, tag->column, name);
	}
	while (is_blank(reader->text[indent_begin + width])) {
		width++;
	}
	if (width > 0) {
		inner.text = indented(
		    builder->arena, inner.text, &inner.len, reader->text + indent_begin, width);
		inner.indent = width;
	}
	return parse_text(builder, &inner, err);
}

static int
do_tag(struct builder *builder, const struct reader *reader, const struct tag *tag, size_t outer,
    struct error *err)
{
	switch (tag->sigil) {
	case '!':
		return 0;
	case '#':
		return open_section(builder, reader, tag, NODE_SECTION, err);
	case '^':
		return open_section(builder, reader, tag, NODE_INVERTED, err);
	case '/':
		return close_section(builder, reader, tag, outer, err);
	case '>':
		/* the tag begins with blanks if alone on its line: they indent the partial */
		return put_partial(builder, reader, tag, tag->begin, err);
	case '&':
	case '{':
		return add_named(builder, reader, tag, NODE_RAW, err);
	default:
		return add_named(builder, reader, tag, NODE_VARIABLE, err);
	}
}

/* Add the nodes of one file; a section that begins in the file must end in it. */
static int
parse_text(struct builder *builder, struct reader *reader, struct error *err)
{
	size_t outer = builder->open_count;
	const struct node *open;
	const char *found;
	struct tag tag;

	builder->files[builder->file_count++] = reader->file;
	while ((found = memmem(reader->text + reader->at, reader->len - reader->at, "{{", 2))) {
		if (read_tag(reader, (size_t)(found - reader->text), &tag, err) < 0) {
			return -1;
		}
		add_text(builder, reader, reader->at, tag.begin);
		if (do_tag(builder, reader, &tag, outer, err) < 0) {
			return -1;
		}
		if (builder->count > MUSTACHE_NODES_MAX) {
			return fail(reader, &tag, "the template is too large", err);
		}
		reader->at = tag.end;
	}
	add_text(builder, reader, reader->at, reader->len);
	if (builder->open_count > outer) {
		open = &builder->nodes[builder->open[builder->open_count - 1]];
		return error_set(err, "%s:%u:%u: section `%s` opened at line %u is never closed",
		    reader->file, open->line, open->column, open->text, open->line);
	}
	builder->file_count--;
	return 0;
}

struct mustache_template *
mustache_parse(struct arena *arena, const char *name, const char *text, size_t len,
    const struct mustache_names *names, struct error *err)
{
	struct builder builder = { .arena = arena, .names = names };
	struct reader reader = { .text = text, .len = len, .line = 1 };
	struct mustache_template *template = NULL;

	reader.file = arena_strdup(arena, name);
	if (parse_text(&builder, &reader, err) == 0) {
		template = arena_alloc(arena, sizeof(*template));
		template->count = builder.count;
		template->nodes = arena_alloc(arena, builder.count * sizeof(*template->nodes) + 1);
		if (builder.count > 0) {
			memcpy(template->nodes, builder.nodes,
			    builder.count * sizeof(*template->nodes));
		}
	}
	free(builder.nodes);
	return template;
}
