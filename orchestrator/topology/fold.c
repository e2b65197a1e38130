#include "orchestrator/topology/fold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 9 /* digits of a number in a range */

/* Names that become one range: all have the same text before and after one number. */
struct fold {
	const char *first;
	size_t before, digits; /* the number's place and length in first; digits 0: not known yet */
	unsigned long last;    /* the number of the last name */
};

/* Read the number at @at of @name.  Returns its length; 0: no number, or too long for a range. */
static size_t
number_at(const char *name, size_t at, unsigned long *number)
{
	size_t digits = strspn(name + at, "0123456789");

	*number = digits > 0 && digits <= DIGITS_MAX ? strtoul(name + at, NULL, 10) : 0;
	return digits <= DIGITS_MAX ? digits : 0;
}

/* Whether one range may hold both: "09" and "10", "9" and "10", but not "09" and "9" or "010". */
static bool
same_width(const char *a, size_t a_digits, const char *b, size_t b_digits)
{
	bool padded = (a[0] == '0' && a_digits > 1) || (b[0] == '0' && b_digits > 1);

	return !padded || a_digits == b_digits;
}

/* Where the first number begins in which @a and @b differ. */
static size_t
differs_at(const char *a, const char *b)
{
	size_t at = 0;

	while (a[at] && a[at] == b[at]) {
		at++;
	}
	while (at > 0 && isdigit((unsigned char)a[at - 1])) {
		at--;
	}
	return at;
}

/* Add @name to @fold, if one range can hold them all.  Returns whether it was added. */
static bool
goes_on(struct fold *fold, const char *name)
{
	size_t at = fold->digits ? fold->before : differs_at(fold->first, name);
	unsigned long first, number;
	size_t digits = number_at(fold->first, at, &first);
	size_t other = number_at(name, at, &number);

	if (digits == 0 || other == 0 || strncmp(fold->first, name, at) != 0 ||
	    strcmp(fold->first + at + digits, name + at + other) != 0 ||
	    !same_width(fold->first + at, digits, name + at, other) ||
	    number <= (fold->digits ? fold->last : first)) {
		return false;
	}
	fold->before = at;
	fold->digits = digits;
	fold->last = number;
	return true;
}

static void
put_range(struct buf *out, const char *from, const char *to, size_t at)
{
	unsigned long first, last;
	size_t digits = number_at(from, at, &first), more = number_at(to, at, &last);

	buf_add(out, from + at, digits);
	if (last > first) {
		buf_text(out, last == first + 1 ? "," : "-");
		buf_add(out, to + at, more);
	}
}

/* Write the first @count of @names, which form @fold. */
static void
put_fold(struct buf *out, const struct fold *fold, const char *const *names, size_t count)
{
	size_t begin = 0;

	if (count == 1) {
		buf_text(out, names[0]);
		return;
	}
	buf_add(out, names[0], fold->before);
	buf_text(out, "[");
	for (size_t i = 0; i < count; i++) {
		unsigned long number, next = 0;

		number_at(names[i], fold->before, &number);
		if (i + 1 < count) {
			number_at(names[i + 1], fold->before, &next);
		}
		if (next != number + 1) {
			buf_text(out, begin > 0 ? "," : "");
			put_range(out, names[begin], names[i], fold->before);
			begin = i + 1;
		}
	}
	buf_printf(out, "]%s", names[0] + fold->before + fold->digits);
}

void
names_fold(struct buf *out, const char *const *names, size_t count, size_t most)
{
	size_t ranges = 0;

	for (size_t at = 0; at < count;) {
		struct fold fold = { .first = names[at] };
		size_t len = 1;

		if (ranges++ == most) {
			buf_printf(out, " and %zu more", count - at);
			return;
		}
		while (at + len < count && goes_on(&fold, names[at + len])) {
			len++;
		}
		buf_text(out, at > 0 ? "," : "");
		put_fold(out, &fold, names + at, len);
		at += len;
	}
}
