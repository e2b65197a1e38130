#include "common/nearest.h"

#include <ctype.h>
#include <string.h>

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool
same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: Levenshtein's distance, but two swapped neighbours count as one. */
static unsigned
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NEAREST_WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++) {
		rows[0][j] = (unsigned)j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		const unsigned *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
		unsigned *row = rows[i % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1])) {
				row[j] = least(row[j], above2[j - 2] + 1);
			}
		}
	}
	return rows[a_len % 3][b_len];
}

void
nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(nearest->word), other = strlen(candidate);
	unsigned limit, found;

	if (len > NEAREST_WORD_MAX || other > NEAREST_WORD_MAX) {
		return;
	}
	limit = least((unsigned)(len + 2) / 3, 4); /* a third of the word may differ */
	if ((len > other ? len - other : other - len) > limit) {
		return;
	}
	found = distance(nearest->word, len, candidate, other);
	if (found <= limit && (!nearest->best || found < nearest->distance)) {
		nearest->best = candidate;
		nearest->distance = found;
	}
}
