/*
 * Reads the two tables of a catalogue.  Strict: a row that is not wholly as it should be is an
 * error, because people are going to rely on each of them.
 */
#include "orchestrator/catalogue/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (1 << 20)
#define ROWS_MAX 2000
#define WORDS_MAX 64 /* names, or addresses, of one row */

enum column {
	NAMES,
	ADDRESSES,
	OPERATOR,
	COUNTRY,
	REGION,
	STRATUM,
	NTS,
	SMEAR,
	SERVERS,
	ACCESS,
	AREA,
	LEAST_S,
	TERMS,
	SOURCE,
	SEEN,
	REMARK,
	SERVER_COLUMNS,
};

static const char *const server_columns[SERVER_COLUMNS] = { "names", "addresses", "operator",
	"country", "region", "stratum", "nts", "smear", "servers", "access", "area", "least_s",
	"terms", "source", "seen", "remark" };

enum domain_column {
	DOMAIN_NAME,
	DOMAIN_OPERATOR,
	DOMAIN_SOURCE,
	DOMAIN_SEEN,
	DOMAIN_COLUMNS,
};

static const char *const domain_columns[DOMAIN_COLUMNS] = { "domain", "operator", "source",
	"seen" };

static const char *const smear_words[] = { "unstated", "none", "linear-24h", "yes", NULL };
static const char *const servers_words[] = { "one", "each", "many", "anycast", NULL };
static const char *const access_words[] = { "open", "told", "pool", "inside", "restricted",
	"closed", "vendor", "unknown", NULL };

/* Where the reader is: one table, split into the columns of its present row. */
struct table {
	struct arena *arena;
	const char *name;
	const char *at, *end;
	size_t rows; /* lines, with the first */
	unsigned line;
	char *columns[SERVER_COLUMNS];
};

/* An error at the present line of @table. */
static int
wrong(const struct table *table, struct error *err, const char *what, const char *text)
{
	return error_set(
	    err, "%s:%u: %s: \"%.80s\"", table->name, table->line, what, text ? text : "");
}

/* Split the next line of @table into @count columns. */
static int
next_row(struct table *table, size_t count, struct error *err)
{
	const char *end = memchr(table->at, '\n', (size_t)(table->end - table->at));
	char *text, *tab;

	table->line++;
	if (!end) {
		return wrong(table, err, "the line has no end", NULL);
	}
	text = arena_strndup(table->arena, table->at, (size_t)(end - table->at));
	if (strlen(text) != (size_t)(end - table->at)) {
		return wrong(table, err, "a byte that is 0", NULL);
	}
	table->at = end + 1;
	for (size_t i = 0; i < count; i++) {
		tab = strchr(text, '\t');
		if ((i + 1 < count) != (tab != NULL)) {
			return wrong(table, err, "not as many columns as the first line", text);
		}
		table->columns[i] = text;
		if (tab) {
			*tab = '\0';
			text = tab + 1;
		}
		if (table->columns[i][0] == '\0') {
			return wrong(table, err, "an empty column; \"-\" means none", NULL);
		}
	}
	return 0;
}

/* Begin to read @text, whose first line must name @columns. */
static int
begin(struct table *table, const char *text, size_t len, const char *const *columns, size_t count,
    struct error *err)
{
	if (len > BYTES_MAX) {
		return wrong(table, err, "more than 1 MiB", NULL);
	}
	for (size_t i = 0; i < len; i++) {
		table->rows += text[i] == '\n';
	}
	if (table->rows > ROWS_MAX) {
		return wrong(table, err, "more than 2000 rows", NULL);
	}
	table->at = text;
	table->end = text + len;
	if (next_row(table, count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table->columns[i], columns[i]) != 0) {
			return wrong(table, err, "not the name of this column", table->columns[i]);
		}
	}
	return 0;
}

/* "-" is none, and gives "". */
static const char *
optional(const char *text)
{
	return strcmp(text, "-") == 0 ? "" : text;
}

static bool
is_printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f) {
			return false;
		}
	}
	return true;
}

/* A DNS name in small letters, of two labels or more, or one with a "*" in it. */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len < 254 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-*") == len &&
	    isalnum((unsigned char)name[0]) && isalpha((unsigned char)name[len - 1]) &&
	    strchr(name, '.') && !strstr(name, "..");
}

/* "2026-11-30" */
static bool
is_day(const char *day)
{
	static const char shape[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(shape); i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)day[i]) : day[i] != shape[i]) {
			return false;
		}
	}
	return strcmp(day + 5, "01-01") >= 0 && strcmp(day + 5, "12-31") <= 0 && day[8] <= '3';
}

static bool
is_url(const char *url)
{
	return (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0) &&
	    strcspn(url, " \"<>") == strlen(url) && is_printable(url);
}

static bool
is_country(const char *country)
{
	return strlen(country) == 2 && country[0] >= 'A' && country[0] <= 'Z' &&
	    country[1] >= 'A' && country[1] <= 'Z' &&
	    (strcmp(country, "ZZ") == 0 || catalogue_region(country));
}

static bool
is_region(const char *region)
{
	for (size_t i = 0; catalogue_regions[i]; i++) {
		if (strcmp(catalogue_regions[i], region) == 0) {
			return true;
		}
	}
	return false;
}

/* The index of @word in @words, or -1. */
static int
index_of(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

/* A number from 1 to @max; @none stands for 0. */
static bool
parse_number(const char *text, const char *none, unsigned max, unsigned *number)
{
	*number = 0;
	if (strcmp(text, none) == 0) {
		return true;
	}
	if (strlen(text) > 6 || strspn(text, "0123456789") != strlen(text)) {
		return false;
	}
	*number = (unsigned)strtoul(text, NULL, 10);
	return *number >= 1 && *number <= max;
}

/* Split @text at its blanks.  Returns how many words, or 0: too many, or two blanks. */
static size_t
split(struct arena *arena, const char *text, const char *words[WORDS_MAX])
{
	size_t count = 0;

	while (count < WORDS_MAX) {
		size_t len = strcspn(text, " ");

		if (len == 0) {
			return 0;
		}
		words[count++] = arena_strndup(arena, text, len);
		if (text[len] == '\0') {
			return count;
		}
		text += len + 1;
	}
	return 0;
}

static void
add_key(struct catalogue *catalogue, const char *text, const struct service *service)
{
	struct catalogue_key key = { text, service };

	if (strchr(text, '*')) {
		catalogue->patterns[catalogue->pattern_count++] = key;
	} else {
		catalogue->keys[catalogue->key_count++] = key;
	}
}

/* Take the names and the addresses of the present row. */
static int
take_keys(struct catalogue *catalogue, const struct table *table, struct service *service,
    struct error *err)
{
	const char *words[WORDS_MAX];
	char text[IP_TEXT_BYTES];
	struct ip *addresses;
	size_t count = 0;

	if (table->columns[NAMES][0] != '-') {
		service->name_count = count = split(table->arena, table->columns[NAMES], words);
		service->names = arena_alloc(table->arena, (count + 1) * sizeof(*service->names));
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_name(words[i])) {
			return wrong(table, err, "not a name of a server", words[i]);
		}
		service->names[i] = words[i];
		add_key(catalogue, words[i], service);
	}
	count = 0;
	if (table->columns[ADDRESSES][0] != '-') {
		count = split(table->arena, table->columns[ADDRESSES], words);
	}
	addresses = arena_alloc(table->arena, (count + 1) * sizeof(*addresses));
	for (size_t i = 0; i < count; i++) {
		if (!ip_parse(words[i], &addresses[i]) ||
		    strcmp(ip_text(&addresses[i], text), words[i]) != 0) {
			return wrong(table, err, "not an address, or not its short form", words[i]);
		}
		add_key(catalogue, words[i], service);
	}
	service->addresses = addresses;
	service->address_count = count;
	if (service->name_count + count == 0) {
		return wrong(table, err, "neither names nor addresses", table->columns[NAMES]);
	}
	service->first = service->name_count > 0 ? service->names[0] : words[0];
	if (count > 0 && service->servers == SERVICE_EACH) {
		return wrong(table, err, "addresses of several servers in one row", words[0]);
	}
	return 0;
}

/* Each word of an area is a country or a region. */
static bool
is_area(struct arena *arena, const char *area)
{
	const char *words[WORDS_MAX];
	size_t count = split(arena, area, words);

	for (size_t i = 0; i < count; i++) {
		if (!is_country(words[i]) && !is_region(words[i])) {
			return false;
		}
	}
	return count > 0;
}

/* Take the columns of the present row that are words of a list, or numbers. */
static int
take_words(const struct table *table, struct service *service, struct error *err)
{
	char *const *columns = table->columns;
	int smear = index_of(smear_words, columns[SMEAR]);
	int servers = index_of(servers_words, columns[SERVERS]);
	int access = index_of(access_words, columns[ACCESS]);

	if (smear < 0 || servers < 0 || access < 0) {
		return wrong(table, err, "not a word of its column",
		    columns[smear < 0     ? SMEAR
			    : servers < 0 ? SERVERS
					  : ACCESS]);
	}
	service->smear = (enum service_smear)smear;
	service->servers = (enum service_servers)servers;
	service->access = (enum service_access)access;
	if (!parse_number(columns[STRATUM], "unstated", 15, &service->stratum)) {
		return wrong(table, err, "not a stratum", columns[STRATUM]);
	}
	if (!parse_number(columns[LEAST_S], "-", 86400, &service->least_s)) {
		return wrong(table, err, "not an interval in seconds", columns[LEAST_S]);
	}
	service->nts = strcmp(columns[NTS], "yes") == 0;
	if (!service->nts && strcmp(columns[NTS], "unstated") != 0) {
		return wrong(table, err, "neither yes nor unstated", columns[NTS]);
	}
	return 0;
}

/* Take the present row of the table of servers. */
static int
take_service(struct catalogue *catalogue, const struct table *table, struct service *service,
    struct error *err)
{
	char *const *columns = table->columns;

	if (take_words(table, service, err) < 0) {
		return -1;
	}
	if (!is_country(columns[COUNTRY])) {
		return wrong(table, err, "not a country", columns[COUNTRY]);
	}
	if (!is_region(columns[REGION]) && strcmp(columns[REGION], "world") != 0) {
		return wrong(table, err, "not a region", columns[REGION]);
	}
	if (columns[AREA][0] != '-' && !is_area(table->arena, columns[AREA])) {
		return wrong(table, err, "not countries or regions", columns[AREA]);
	}
	if (!is_url(columns[SOURCE])) {
		return wrong(table, err, "not the URL of a page", columns[SOURCE]);
	}
	if (!is_day(columns[SEEN])) {
		return wrong(table, err, "not a day", columns[SEEN]);
	}
	if (!is_printable(columns[OPERATOR]) || !is_printable(columns[TERMS]) ||
	    !is_printable(columns[REMARK])) {
		return wrong(table, err, "a control character", NULL);
	}
	service->operator_name = columns[OPERATOR];
	service->country = columns[COUNTRY];
	service->region = columns[REGION];
	service->area = optional(columns[AREA]);
	service->terms = columns[TERMS];
	service->source = columns[SOURCE];
	service->seen = columns[SEEN];
	service->remark = optional(columns[REMARK]);
	return take_keys(catalogue, table, service, err);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct catalogue_key *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static int
compare_domains(const void *a, const void *b)
{
	const struct catalogue_domain *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
read_servers(struct catalogue *catalogue, const char *text, size_t len, struct error *err)
{
	struct table table = { .arena = &catalogue->arena, .name = "servers.tsv" };
	size_t rows;

	if (begin(&table, text, len, server_columns, SERVER_COLUMNS, err) < 0) {
		return -1;
	}
	rows = table.rows;
	catalogue->services = arena_alloc(table.arena, rows * sizeof(*catalogue->services));
	/* a word has a byte and a blank at least */
	catalogue->keys = arena_alloc(table.arena, (len / 2 + 1) * sizeof(*catalogue->keys));
	catalogue->patterns =
	    arena_alloc(table.arena, rows * WORDS_MAX * sizeof(*catalogue->patterns));
	while (table.at < table.end) {
		if (next_row(&table, SERVER_COLUMNS, err) < 0 ||
		    take_service(catalogue, &table,
			&catalogue->services[catalogue->service_count++], err) < 0) {
			return -1;
		}
	}
	qsort(catalogue->keys, catalogue->key_count, sizeof(*catalogue->keys), compare_keys);
	for (size_t i = 1; i < catalogue->key_count; i++) {
		if (compare_keys(&catalogue->keys[i - 1], &catalogue->keys[i]) == 0) {
			return wrong(&table, err, "in two rows", catalogue->keys[i].text);
		}
	}
	return 0;
}

static int
read_domains(struct catalogue *catalogue, const char *text, size_t len, struct error *err)
{
	struct table table = { .arena = &catalogue->arena, .name = "operators.tsv" };

	if (begin(&table, text, len, domain_columns, DOMAIN_COLUMNS, err) < 0) {
		return -1;
	}
	catalogue->domains = arena_alloc(table.arena, table.rows * sizeof(*catalogue->domains));
	while (table.at < table.end) {
		struct catalogue_domain *domain = &catalogue->domains[catalogue->domain_count++];

		if (next_row(&table, DOMAIN_COLUMNS, err) < 0) {
			return -1;
		}
		if (!is_name(table.columns[DOMAIN_NAME]) ||
		    strchr(table.columns[DOMAIN_NAME], '*')) {
			return wrong(&table, err, "not a domain", table.columns[DOMAIN_NAME]);
		}
		if (!is_printable(table.columns[DOMAIN_OPERATOR]) ||
		    !is_url(table.columns[DOMAIN_SOURCE]) || !is_day(table.columns[DOMAIN_SEEN])) {
			return wrong(&table, err, "not an operator, a page and a day",
			    table.columns[DOMAIN_OPERATOR]);
		}
		domain->name = table.columns[DOMAIN_NAME];
		domain->operator_name = table.columns[DOMAIN_OPERATOR];
	}
	qsort(catalogue->domains, catalogue->domain_count, sizeof(*catalogue->domains),
	    compare_domains);
	for (size_t i = 1; i < catalogue->domain_count; i++) {
		if (compare_domains(&catalogue->domains[i - 1], &catalogue->domains[i]) == 0) {
			return wrong(&table, err, "in two rows", catalogue->domains[i].name);
		}
	}
	return 0;
}

int
catalogue_parse(struct catalogue *catalogue, const char *servers, size_t servers_len,
    const char *operators, size_t operators_len, struct error *err)
{
	*catalogue = (struct catalogue){ 0 };
	if (read_servers(catalogue, servers, servers_len, err) < 0) {
		return -1;
	}
	return read_domains(catalogue, operators, operators_len, err);
}

void
catalogue_free(struct catalogue *catalogue)
{
	arena_free(&catalogue->arena);
	*catalogue = (struct catalogue){ 0 };
}
