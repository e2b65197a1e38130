/* Kinds of text that several values share: names, addresses, "user@host:port". */
#include "orchestrator/topology/load/loader.h"
#include "orchestrator/topology/load/remedies.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define RULE "bad-value"
#define DNS_BYTES_MAX 253 /* RFC 1035 section 2.3.4: 255, less the first length and the root */
#define LABEL_BYTES_MAX 63

/* Names become file names and words of configuration files. */
bool
is_name(const char *text, size_t len_max)
{
	size_t len = strlen(text);

	if (len == 0 || len > len_max || !isalnum((unsigned char)text[0])) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i])) {
			return false;
		}
	}
	return true;
}

static bool
is_label(const char *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-' && label[i] != '_') {
			return false;
		}
	}
	return len > 0 && len <= LABEL_BYTES_MAX && label[0] != '-' && label[len - 1] != '-';
}

bool
is_dns_name(const char *text)
{
	const char *label = text;

	if (strlen(text) > DNS_BYTES_MAX) {
		return false;
	}
	for (;;) {
		size_t len = strcspn(label, ".");

		if (!is_label(label, len)) {
			return false;
		}
		if (label[len] == '\0') {
			/* the last label is not a number: 192.0.2.256 is a mistyped address */
			return strspn(label, "0123456789") < len;
		}
		label += len + 1;
	}
}

bool
is_host_name(const char *text)
{
	struct ip ip;

	if (is_name(text, DNS_BYTES_MAX)) {
		return !strstr(text, "..") && text[strlen(text) - 1] != '.';
	}
	return ip_parse(text, &ip);
}

bool
topology_takes_address(const char *text)
{
	struct ip ip;

	return ip_parse(text, &ip) || is_dns_name(text);
}

bool
topology_takes_name(const char *text)
{
	return is_host_name(text);
}

/* Why @text is not an address; the words follow a colon. */
static const char *
what_is_wrong(const char *text)
{
	if (strchr(text, '/')) {
		return "an address has no prefix, as 192.0.2.1";
	}
	if (text[0] == '[') {
		return "an address has no brackets, as 2001:db8::1";
	}
	if (strspn(text, "0123456789.") == strlen(text)) {
		return "an IP address has four numbers up to 255, as 192.0.2.1";
	}
	if (strchr(text, ':')) {
		return "neither an IP address nor a DNS name, and a port does not belong here";
	}
	return "neither an IP address nor a DNS name";
}

bool
address_parse(
    struct loader *loader, const char *key, const struct event *event, struct address *address)
{
	bool rooted = event->len > 1 && event->text[event->len - 1] == '.';
	char *text = arena_strndup(
	    &loader->topology->arena, event->text, rooted ? event->len - 1 : event->len);

	address->pos = event->pos;
	if (rooted ? !is_dns_name(text) : !ip_parse(text, &address->ip) && !is_dns_name(text)) {
		problem(loader, RULE, event->pos, "`%s` is \"%s\": %s%s", key,
		    shown(loader, event->text), what_is_wrong(event->text),
		    odd_text(event->text, true));
		return false;
	}
	/* "time.example." is time.example; "ntp." differs from "ntp", to which a domain is added */
	if (rooted && !strchr(text, '.')) {
		text = arena_strndup(&loader->topology->arena, event->text, event->len);
	}
	address->text = text;
	return true;
}

/* The port in @text, or 0 when @text is not a port. */
static unsigned
parse_port(const char *text)
{
	unsigned long port;
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 5) {
		return 0;
	}
	port = strtoul(text, &end, 10);
	return *end == '\0' && port <= 65535 ? (unsigned)port : 0;
}

/* Split @text, "host", "host:port", "[v6]:port" or "v6", in place; false: it is none of these. */
static bool
split_host(char *text, char **host, unsigned *port)
{
	char *colon = strchr(text, ':');
	struct ip ip;

	*host = text;
	if (text[0] == '[') {
		char *close = strchr(text, ']');

		if (!close || (close[1] != '\0' && close[1] != ':')) {
			return false;
		}
		colon = close[1] == ':' ? close + 1 : NULL;
		*close = '\0';
		*host = text + 1;
	} else if (colon && strchr(colon + 1, ':')) {
		colon = NULL; /* an IPv6 address without a port */
	}
	if (colon) {
		*colon = '\0';
		*port = parse_port(colon + 1);
		if (*port == 0) {
			return false;
		}
	}
	if (text[0] == '[') {
		return ip_parse(*host, &ip) && ip.family == IP_V6;
	}
	return is_host_name(*host);
}

void
ssh_parse(struct loader *loader, const struct event *event, struct ssh_target *ssh)
{
	char *text = arena_strndup(&loader->topology->arena, event->text, event->len);
	char *at = strchr(text, '@'), *host;
	unsigned port = 0;
	bool sound = true;

	if (at) {
		*at = '\0';
		sound = is_name(text, 63);
	}
	if (sound && split_host(at ? at + 1 : text, &host, &port)) {
		ssh->user = at ? text : NULL;
		ssh->host = host;
		ssh->port = port;
		return;
	}
	problem(loader, RULE, event->pos,
	    "`ssh` is \"%s\", not user@host:port, as root@time1 or root@[2001:db8::1]:2222",
	    shown(loader, event->text));
}
