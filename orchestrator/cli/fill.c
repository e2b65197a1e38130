#include "orchestrator/cli/fill.h"

#include <ctype.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 40 /* of a narrower terminal, lines are as wide */

unsigned
fill_width(FILE *out, unsigned most)
{
	int fd = out == stderr ? STDERR_FILENO : STDOUT_FILENO; /* both are streams of our own */
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 ||
	    size.ws_col >= most) {
		return most;
	}
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

void
fill_paragraph(const char *text, size_t len, unsigned indent, unsigned width, FILE *out)
{
	const char *end = text + len;
	unsigned column = indent;

	while (text < end) {
		size_t word = 0;

		while (text + word < end && !isspace((unsigned char)text[word])) {
			word++;
		}
		if (word > 0 && column > indent && column + 1 + word > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		if (word > 0) {
			column += (unsigned)fprintf(
			    out, "%s%.*s", column > indent ? " " : "", (int)word, text);
		}
		text += word < (size_t)(end - text) ? word + 1 : word;
	}
	putc('\n', out);
}
