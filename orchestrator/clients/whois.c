#include "orchestrator/clients/whois.h"

#include <string.h>
#include <strings.h>

static bool
is_of_mail(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c && strchr("@.+-_", c));
}

/* Take the first word of @text that is an address of mail. */
static bool
take_mail(const char *text, size_t len, char contact[WHOIS_CONTACT_BYTES])
{
	size_t begin = 0, end;
	const char *at;

	while (begin < len && (text[begin] == ' ' || text[begin] == '\t' || text[begin] == '\'')) {
		begin++;
	}
	for (end = begin; end < len && is_of_mail(text[end]); end++) {
	}
	at = memchr(text + begin, '@', end - begin);
	if (!at || at == text + begin || at + 1 == text + end || text[begin] == '-' ||
	    end - begin >= WHOIS_CONTACT_BYTES ||
	    memchr(at + 1, '@', (size_t)(text + end - at - 1))) {
		return false;
	}
	memcpy(contact, text + begin, end - begin);
	contact[end - begin] = '\0';
	return true;
}

/* What stands behind @name in a line that begins with it; NULL: it begins otherwise. */
static const char *
behind(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len > name_len && strncasecmp(line, name, name_len) == 0 ? line + name_len : NULL;
}

/* "% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@example.net'" */
static const char *
behind_is(const char *line, size_t len)
{
	const char *at = behind(line, len, "% Abuse contact for ");

	for (; at && at + 5 < line + len; at++) {
		if (memcmp(at, "' is ", 5) == 0) {
			return at + 5;
		}
	}
	return NULL;
}

bool
whois_contact(const char *text, size_t len, char contact[WHOIS_CONTACT_BYTES])
{
	static const char *const names[] = { NULL, "abuse-mailbox:", "OrgAbuseEmail:" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *line = text, *end = text + len, *next;

		for (; line < end; line = next + 1) {
			const char *value;

			next = memchr(line, '\n', (size_t)(end - line));
			next = next ? next : end;
			value = names[i] ? behind(line, (size_t)(next - line), names[i])
					 : behind_is(line, (size_t)(next - line));
			if (value && take_mail(value, (size_t)(next - value), contact)) {
				return true;
			}
		}
	}
	return false;
}
