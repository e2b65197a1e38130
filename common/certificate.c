/* The only file here that knows OpenSSL's X.509. */
#include "common/certificate.h"

#include "common/clock.h"
#include "common/shown.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_S 7258118400 /* 2200 */

static int64_t
real_ns(const ASN1_TIME *time)
{
	struct tm tm;
	int64_t seconds = 0;

	if (time && ASN1_TIME_to_tm(time, &tm) == 1) {
		seconds = (int64_t)timegm(&tm);
	}
	seconds = seconds < 0 ? 0 : seconds;
	return (seconds > LAST_S ? LAST_S : seconds) * NS_PER_S;
}

static void
put_names(X509 *x509, char out[CERTIFICATE_NAMES_BYTES])
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	int count = names ? sk_GENERAL_NAME_num(names) : 0;
	BIO *text = BIO_new(BIO_s_mem());
	char first[100] = "", whole[CERTIFICATE_NAMES_BYTES];
	const char *colon;

	if (count > 0 && text) {
		GENERAL_NAME_print(text, sk_GENERAL_NAME_value(names, 0));
		(void)BIO_gets(text, first, sizeof(first)); /* "DNS:a.example" */
	}
	colon = strchr(first, ':');
	snprintf(whole, sizeof(whole), "%.99s", colon ? colon + 1 : *first ? first : "nobody");
	if (count > 1) {
		snprintf(whole + strlen(whole), sizeof(whole) - strlen(whole), " and %d more",
		    count - 1);
	}
	shown_copy(out, CERTIFICATE_NAMES_BYTES, whole);
	BIO_free(text);
	GENERAL_NAMES_free(names);
}

int
certificate_read(const char *pem, size_t len, const char *name, struct certificate *certificate,
    struct error *err)
{
	BIO *bytes = BIO_new_mem_buf(pem, (int)len);
	X509 *x509 = bytes ? PEM_read_bio_X509(bytes, NULL, NULL, NULL) : NULL;

	BIO_free(bytes);
	if (!x509) {
		return error_set(err, "there is no certificate in it");
	}
	certificate->begins_ns = real_ns(X509_get0_notBefore(x509));
	certificate->ends_ns = real_ns(X509_get0_notAfter(x509));
	certificate->is_for_name = name &&
	    (X509_check_host(x509, name, 0, 0, NULL) == 1 || X509_check_ip_asc(x509, name, 0) == 1);
	put_names(x509, certificate->names);
	X509_free(x509);
	return 0;
}
