#include "orchestrator/probe/nts_certificate.h"

#include "common/shown.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define SOON_DAYS 14

/* Days and seconds from now until @time, rounded down to whole days; false: it is no time. */
static bool
days_until(const ASN1_TIME *time, int *days)
{
	int seconds = 0;

	if (ASN1_TIME_diff(days, &seconds, NULL, time) != 1) {
		return false;
	}
	*days -= seconds < 0;
	return true;
}

/* Write for whom the certificate is: its first name, and how many more there are. */
static void
put_names(X509 *certificate, char *out, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int count = names ? sk_GENERAL_NAME_num(names) : 0;
	BIO *text = BIO_new(BIO_s_mem());
	char first[100] = "";

	if (count > 0 && text) {
		GENERAL_NAME_print(text, sk_GENERAL_NAME_value(names, 0));
		(void)BIO_gets(text, first, sizeof(first)); /* "DNS:a.example" */
	} else {
		X509_NAME_get_text_by_NID(
		    X509_get_subject_name(certificate), NID_commonName, first, sizeof(first));
	}
	snprintf(out, size, "%.99s", strchr(first, ':') ? strchr(first, ':') + 1 : first);
	if (count > 1) {
		snprintf(out + strlen(out), size - strlen(out), " and %d more", count - 1);
	}
	if (!*out) {
		snprintf(out, size, "nobody");
	}
	BIO_free(text);
	GENERAL_NAMES_free(names);
}

static enum nts_state
state_of(long verified)
{
	switch (verified) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return NTS_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return NTS_EARLY;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return NTS_OTHER_NAME;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return NTS_SELF_SIGNED;
	default:
		return NTS_UNTRUSTED;
	}
}

static const char *
days_text(int days, char out[24])
{
	if (days == 0) {
		return "less than a day";
	}
	snprintf(out, 24, "%d day%s", days, days == 1 ? "" : "s");
	return out;
}

static void
refuse(X509 *certificate, long verified, const char *name, struct probe_nts *nts)
{
	char words[sizeof(nts->words)], names[140], text[24];
	int begins = 0;

	nts->state = state_of(verified);
	if (nts->state == NTS_EXPIRED && nts->dated && nts->days < 0) {
		snprintf(words, sizeof(words),
		    "NTS: its certificate ended %s ago, by the clock of this machine",
		    days_text(-nts->days - 1, text));
	} else if (nts->state == NTS_EARLY &&
	    days_until(X509_get0_notBefore(certificate), &begins) && begins >= 0) {
		snprintf(words, sizeof(words),
		    "NTS: its certificate begins in %s, by the clock of this machine",
		    days_text(begins, text));
	} else if (nts->state == NTS_OTHER_NAME) {
		put_names(certificate, names, sizeof(names));
		snprintf(words, sizeof(words), "NTS: its certificate is for %s, not for %.80s",
		    names, name);
	} else if (nts->state == NTS_SELF_SIGNED) {
		snprintf(words, sizeof(words),
		    "NTS: its certificate is self-signed: no authority says whose it is");
	} else {
		snprintf(words, sizeof(words), "NTS: its certificate is not to be trusted: %s",
		    X509_verify_cert_error_string(verified));
	}
	shown_copy(nts->words, sizeof(nts->words), words); /* names are the server's words */
}

/*
 * A certificate is replaced long before its end: a third of its life before, where that is done by
 * machine.  When a tenth is left, nobody has done it.
 */
static void
tell_end(const X509 *certificate, struct probe_nts *nts)
{
	int life = 0, seconds;
	char text[24];

	if (nts->dated &&
	    ASN1_TIME_diff(&life, &seconds, X509_get0_notBefore(certificate),
		X509_get0_notAfter(certificate)) == 1 &&
	    nts->days < SOON_DAYS && nts->days < life / 10) {
		snprintf(nts->words, sizeof(nts->words),
		    "NTS: its certificate, good for %d days, ends in %s: nobody has renewed it yet",
		    life, days_text(nts->days, text));
	}
}

void
nts_certificate_judge(X509 *certificate, long verified, const char *name, struct probe_nts *nts)
{
	nts->dated = days_until(X509_get0_notAfter(certificate), &nts->days);
	if (verified == X509_V_OK) {
		nts->state = NTS_GOOD;
		tell_end(certificate, nts);
	} else {
		refuse(certificate, verified, name, nts);
	}
}
