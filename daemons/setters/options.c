#include "daemons/setters/options.h"

#include <string.h>

/* Returns the mark behind @letter in the rules (':', '?', or another letter); '\0': not there. */
static char
find_letter(const char *letters, char letter, bool *known)
{
	const char *at = letter != ':' && letter != '?' ? strchr(letters, letter) : NULL;

	*known = at && letter;
	return *known ? at[1] : '\0';
}

static bool
take_letter(struct options *options, struct option *option)
{
	char mark;

	*option = (struct option){ .letter = *options->cluster++ };
	mark = find_letter(options->rules->letters, option->letter, &option->known);
	if (mark == ':' || mark == '?') {
		if (*options->cluster) {
			option->value = options->cluster;
		} else if (mark == ':' && options->at < options->count) {
			option->value = options->words[options->at++];
		}
		options->cluster = NULL;
	} else if (!*options->cluster) {
		options->cluster = NULL;
	}
	return true;
}

/* Find the only long option that begins with the @len bytes at @word, or that is them. */
static const char *
find_long(const char *longs, const char *word, size_t len, size_t *name_len)
{
	const char *found = NULL;
	size_t count = 0;

	while (*longs) {
		size_t word_len = strcspn(longs, " "), own = strcspn(longs, " =?");

		if (len <= own && strncmp(longs, word, len) == 0) {
			if (len == own) {
				*name_len = own;
				return longs;
			}
			found = longs;
			*name_len = own;
			count++;
		}
		longs += word_len + strspn(longs + word_len, " ");
	}
	return count == 1 ? found : NULL;
}

static bool
take_long(struct options *options, struct option *option, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *found;

	*option = (struct option){ .name = word, .name_len = len };
	option->value = word[len] ? word + len + 1 : NULL;
	found = find_long(options->rules->longs, word, len, &option->name_len);
	if (found) {
		option->known = true;
		option->name = found;
		if (found[option->name_len] == '=' && !option->value &&
		    options->at < options->count) {
			option->value = options->words[options->at++];
		}
	} else {
		option->name_len = len;
	}
	return true;
}

bool
options_next(struct options *options, struct option *option)
{
	options->at += options->at == 0;
	if (options->cluster) {
		return take_letter(options, option);
	}
	while (options->at < options->count) {
		const char *word = options->words[options->at];

		if (options->ended || word[0] != '-' || !word[1]) {
			if (options->rules->stops) {
				return false;
			}
			options->at++;
			if (options->operand_count < OPERANDS_MAX) {
				options->operands[options->operand_count++] = word;
			}
			continue;
		}
		options->at++;
		if (strcmp(word, "--") == 0) {
			options->ended = true;
		} else if (word[1] == '-') {
			return take_long(options, option, word + 2);
		} else {
			options->cluster = word + 1;
			return take_letter(options, option);
		}
	}
	return false;
}

bool
option_is(const struct option *option, char letter, const char *name)
{
	if (option->letter) {
		return option->letter == letter;
	}
	return name && strlen(name) == option->name_len &&
	    strncmp(option->name, name, option->name_len) == 0;
}
