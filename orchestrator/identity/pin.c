#include "orchestrator/identity/pin.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define KEY "pin"

int
pin_of_key(struct evp_pkey_st *key, char *pin)
{
	unsigned char *der = NULL, digest[32];
	unsigned char base64[4 * ((sizeof(digest) + 2) / 3) + 1];
	int len = i2d_PUBKEY(key, &der);
	int status = -1;

	if (len > 0 && EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL)) {
		EVP_EncodeBlock(base64, digest, sizeof(digest));
		snprintf(pin, PIN_TEXT_BYTES, "sha256//%s", base64);
		status = 0;
	}
	OPENSSL_free(der);
	return status;
}

bool
pin_in_config(const char *text, size_t len, char *pin)
{
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		char line[PIN_TEXT_BYTES + 16], value[PIN_TEXT_BYTES], rest;
		size_t bytes = (size_t)((eol ? eol : end) - text);

		if (bytes < sizeof(line)) {
			memcpy(line, text, bytes);
			line[bytes] = '\0';
			if (sscanf(line, " " KEY " %63s %c", value, &rest) == 1) {
				memcpy(pin, value, strlen(value) + 1);
				return true;
			}
		}
		text += bytes + 1;
	}
	return false;
}
