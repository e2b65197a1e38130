#include "orchestrator/rollout/advice/proof.h"

#include "common/certificate.h"
#include "orchestrator/topology/nts.h"
#include "verdict/certificate.h"

#include <inttypes.h>
#include <string.h>

/* How the same host is asked: by that name the certificate is judged. */
static const char *
asked_as(const struct host *host)
{
	const char *name = host_nts_name(host);

	return name ? name : host->addresses.list[0].text;
}

static void
judge_certificate(struct advising *advising, const struct nts_settings *nts)
{
	const char *pem = advising->facts->machine.certificate;
	const char *name = asked_as(advising->input->host);
	char words[CERTIFICATE_WORDS_BYTES];
	struct certificate certificate;
	struct error err;

	if (!*pem) {
		advise(advising, "nts-certificate",
		    "%s is not there, or has no certificate: nobody can ask it by NTS",
		    nts->certificate);
		return;
	}
	if (certificate_read(pem, strlen(pem), name, &certificate, &err) < 0) {
		advise(advising, "nts-certificate", "%s: %s", nts->certificate, err.text);
		return;
	}
	if (!certificate.is_for_name) {
		advise(advising, "nts-certificate",
		    "%s is for %s, and hosts ask it as %s: they do not believe it",
		    nts->certificate, certificate.names, name);
	}
	if (certificate_judge(&certificate, advising->input->now_ns, words) != CERTIFICATE_HOLDS) {
		advise(advising, "nts-certificate", "%s %s", nts->certificate, words);
	}
}

/* Whether @lines, "USER yes" and "USER no", say that @user cannot. */
static bool
is_kept_from(const char *lines, const char *user)
{
	size_t len = strlen(user);

	for (const char *line = lines; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, user, len) == 0 && strncmp(line + len, " no", 3) == 0) {
			return true;
		}
	}
	return false;
}

void
advise_proof(struct advising *advising)
{
	const struct nts_settings *nts = host_nts(advising->input->host);
	const char *readers = advising->facts->machine.key_readers;
	const char *user = advising->driver->user;

	if (!nts || !advising->facts->machine.certificate) {
		return;
	}
	judge_certificate(advising, nts);
	if (readers && !*readers) {
		advise(advising, "nts-certificate",
		    "%s, the key of its certificate, is not there: %s", nts->key,
		    "an NTPsec does not start then, and a chronyd proves nothing");
	} else if (readers && user && is_kept_from(readers, user)) {
		advise(advising, "nts-certificate", "%s cannot be read by %s, as whom %s runs: %s",
		    nts->key, user, advising->driver->title,
		    "an NTPsec does not start then, and a chronyd proves nothing");
	}
}
