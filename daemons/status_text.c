#include "daemons/status_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool
next_line(const char **text, const char *end, char *line, size_t size)
{
	const char *stop;
	size_t len;

	if (*text >= end) {
		return false;
	}
	stop = memchr(*text, '\n', (size_t)(end - *text));
	if (!stop) {
		stop = end;
	}
	len = (size_t)(stop - *text);
	if (len >= size) {
		len = size - 1;
	}
	memcpy(line, *text, len);
	line[len] = '\0';
	*text = stop < end ? stop + 1 : end;
	return true;
}

bool
text_to_double(const char *text, double *value)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !isfinite(number)) {
		return false;
	}
	*value = number;
	return true;
}

bool
text_to_int(const char *text, int base, int min, int max, int *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, base);
	if (end == text || *end || errno == EINVAL) {
		return false;
	}
	*value = number < min ? min : number > max ? max : (int)number;
	return true;
}

bool
text_is_plain(const char *text)
{
	const char *at = text;

	while (*at > ' ' && *at < 0x7f) {
		at++;
	}
	return at != text && !*at;
}

size_t
split_words(char *line, char **words, size_t max)
{
	size_t count = 0;
	char *word;

	while (count < max && (word = strsep(&line, " \t\r\n"))) {
		if (word[0]) {
			words[count++] = word;
		}
	}
	return count;
}

unsigned
source_jitter_ns(int64_t jitter_ns)
{
	return jitter_ns < 0 ? 0 : jitter_ns > UINT32_MAX ? UINT32_MAX : (unsigned)jitter_ns;
}
