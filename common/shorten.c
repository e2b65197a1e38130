#include "common/shorten.h"

#include "common/buf.h"

#include <string.h>

static const char gap[] = " ... ";

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 127;
}

/* Add @len bytes of one line, without the blanks at its ends. */
static void
add_line(struct buf *line, const char *text, size_t len)
{
	while (len > 0 && is_blank(*text)) {
		text++;
		len--;
	}
	while (len > 0 && is_blank(text[len - 1])) {
		len--;
	}
	if (len > 0 && line->len > 0) {
		buf_text(line, "; ");
	}
	for (size_t i = 0; i < len; i++) {
		buf_add(line, is_blank(text[i]) ? " " : &text[i], 1);
	}
}

/* Whether @byte goes on with a character that began before. */
static bool
goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

void
shorten(char *out, size_t size, const char *text)
{
	struct buf line = { .limit_bytes = 0 };
	size_t room = size - sizeof(gap), head = room / 3, tail;
	const char *all;

	while (*text) {
		size_t len = strcspn(text, "\n");

		add_line(&line, text, len);
		text += len + (text[len] == '\n');
	}
	all = buf_str(&line);
	if (line.len < size) {
		memcpy(out, all, line.len + 1);
		buf_free(&line);
		return;
	}
	tail = line.len - (room - head);
	while (head > 0 && (goes_on(all[head]) || all[head - 1] == ' ')) {
		head--;
	}
	while (goes_on(all[tail]) || all[tail] == ' ') {
		tail++;
	}
	memcpy(out, all, head);
	memcpy(out + head, gap, sizeof(gap) - 1);
	memcpy(out + head + sizeof(gap) - 1, all + tail, line.len - tail + 1);
	buf_free(&line);
}
