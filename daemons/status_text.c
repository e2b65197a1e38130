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

/* One cluster of letters, "-gN" or "-c"; true: the next word is the value of its last. */
static bool
read_letters(const char *letters, const char *with_value, bool has[128])
{
	for (; *letters; letters++) {
		if ((unsigned char)*letters < 128) {
			has[(unsigned char)*letters] = true;
		}
		if (strchr(with_value, *letters)) {
			return letters[1] == '\0';
		}
	}
	return false;
}

/* "--name", "--name=value"; true: the next word is its value. */
static bool
read_long(const char *word, const char *with_value, const struct long_option *longs, bool has[128])
{
	size_t len = strcspn(word, "=");

	for (; longs && longs->name; longs++) {
		if (strlen(longs->name) == len && strncmp(longs->name, word, len) == 0) {
			has[(unsigned char)longs->letter] = true;
			return word[len] != '=' && strchr(with_value, longs->letter);
		}
	}
	return false;
}

void
read_options(const char *options, const char *with_value, const struct long_option *longs,
    bool has[128], size_t *others)
{
	char *copy = strdup(options), *rest = copy, *word;
	bool value = false;

	if (!copy) {
		abort();
	}
	*others = 0;
	while ((word = strsep(&rest, " \t\r\n"))) {
		if (!word[0]) {
			continue;
		}
		if (value) {
			value = false;
		} else if (word[0] == '-' && word[1] == '-') {
			value = read_long(word + 2, with_value, longs, has);
		} else if (word[0] == '-' && word[1]) {
			value = read_letters(word + 1, with_value, has);
		} else {
			(*others)++;
		}
	}
	free(copy);
}
