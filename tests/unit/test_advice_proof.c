/* What plan says of a server's certificate, and of who can read its key. */
#include "orchestrator/rollout/advice/host.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

static const char site[] =
    "site: one\nupstreams: [{name: a, address: 192.0.2.101}]\n"
    "tiers:\n  - name: core\n    upstreams: all\n"
    "    nts: {certificate: /c.pem, key: /k.pem}\n"
    "    servers: [{name: time1, address: [192.0.2.1, time1.x], daemon: chrony}]\n"
    "clients: [{name: web, from: core, hosts: [{name: web1, address: 192.0.2.11}]}]\n";

/* What is said of its proof of @host when @facts are told, a line each. */
static const char *
said(const char *host, struct facts *facts)
{
	static struct topology topology;
	static struct arena arena;
	struct advice list[ADVICE_MAX];
	struct diags diags = { 0 };
	struct plan_input plan = { .facts = facts, .driver = daemon_find("chrony") };
	const char *text = "";
	size_t count;

	topology_free(&topology);
	arena_free(&arena);
	assert_int_equal(topology_load_text(&topology, "site.yaml", site, strlen(site), &diags), 0);
	count = plan_advise(&(struct advice_input){ .topology = &topology,
				.host = topology_host(&topology, host),
				.plan = &plan,
				.now_ns = NOW_NS },
	    &arena, list);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].rule->id, "nts-certificate") == 0) {
			text = arena_printf(&arena, "%s%s\n", text, list[i].text);
		}
	}
	diags_free(&diags);
	return text;
}

static void
says(struct facts *facts, const char *words)
{
	const char *text = said("time1", facts);

	if (words[0] ? !strstr(text, words) : text[0] != '\0') {
		fail_msg("said:\n%sand not:\n%s", text, words);
	}
}

/* @days: until it ends; it began 40 days before now, or begins in 2 days when @early */
static const char *
certificate_of(struct arena *arena, const char *name, int days, bool early)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	time_t now = (time_t)(NOW_NS / NS_PER_S);
	BIO *out = BIO_new(BIO_s_mem());
	X509_EXTENSION *names;
	char *text;
	long len;

	X509_set_version(x509, 2);
	X509_time_adj_ex(X509_getm_notBefore(x509), early ? 2 : -40, 3600, &now);
	X509_time_adj_ex(X509_getm_notAfter(x509), days, 3600, &now);
	X509_set_pubkey(x509, key);
	names = X509V3_EXT_conf_nid(
	    NULL, NULL, NID_subject_alt_name, arena_printf(arena, "DNS:%s", name));
	X509_add_ext(x509, names, -1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(out, x509), 1);
	len = BIO_get_mem_data(out, &text);
	text = arena_strndup(arena, text, (size_t)len);
	BIO_free(out);
	X509_EXTENSION_free(names);
	X509_free(x509);
	EVP_PKEY_free(key);
	return text;
}

static void
a_certificate_must_hold_for_the_name_that_is_asked(void **state UNUSED)
{
	struct arena arena = { 0 };
	struct facts facts = { .complete = true };
	const struct {
		const char *name;
		int days;
		bool early;
		const char *words;
	} rows[] = {
		{ "192.0.2.1", 90, false,
		    "/c.pem is for 192.0.2.1, and hosts ask it as time1.x: " },
		{ "time1.x", 90, false, "" },
		{ "time1.x", 30, false, "" },
		{ "time1.x", 29, false, "/c.pem ends in 29 days, and nobody has renewed it\n" },
		{ "time1.x", 1, false, "/c.pem ends in 1 day, and" },
		{ "time1.x", 0, false, "/c.pem ends in less than a day, and" },
		{ "time1.x", -3, false, "/c.pem ended 2 days ago: nobody believes it\n" },
		{ "time1.x", 90, true, "/c.pem holds only in 2 days: nobody believes it yet\n" },
	};

	says(&facts, ""); /* not told */
	for (size_t i = 0; i < COUNT(rows); i++) {
		facts.machine.certificate =
		    certificate_of(&arena, rows[i].name, rows[i].days, rows[i].early);
		says(&facts, rows[i].words);
	}
	facts.machine.certificate = "";
	says(&facts, "/c.pem is not there, or has no certificate");
	facts.machine.certificate = "-----BEGIN";
	says(&facts, "/c.pem: there is no certificate in it\n");
	assert_string_equal(said("web1", &facts), ""); /* it serves nobody */
	arena_free(&arena);
}

static void
the_daemon_must_be_able_to_read_its_key(void **state UNUSED)
{
	struct arena arena = { 0 };
	struct facts facts = { .complete = true };

	facts.machine.certificate = certificate_of(&arena, "time1.x", 90, false);
	facts.machine.key_readers = "ntpsec no\n_chrony yes";
	says(&facts, "");
	facts.machine.key_readers = "ntpsec yes\n_chrony no";
	says(&facts, "/k.pem cannot be read by _chrony, as whom chrony runs: an");
	facts.machine.key_readers = "";
	says(&facts, "/k.pem, the key of its certificate, is not there: an");
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_must_hold_for_the_name_that_is_asked),
		cmocka_unit_test(the_daemon_must_be_able_to_read_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
