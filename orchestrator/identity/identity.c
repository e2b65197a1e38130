/* The collector's key, certificate and secret: makes them once, then only reads them. */
#include "orchestrator/identity/identity.h"

#include "common/digest.h"
#include "common/file.h"
#include "orchestrator/identity/make.h"
#include "orchestrator/identity/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM_BYTES_MAX 65536
#define SECRET_BYTES sizeof(((struct identity *)0)->secret)

/*
 * This file exists while the files of the identity are being made.  Who finds it later knows that a
 * crash left only some of them and that no agent was told of them: they are made anew.  Without
 * this file, a missing file of the identity is a loss that the operator must hear of.
 */
#define UNFINISHED "identity-unfinished"

/* This file exists from the making of an identity until a host was given it. */
#define UNUSED_MARK "identity-unused"

enum part {
	PART_SECRET,
	PART_KEY,
	PART_CERTIFICATE,
	PART_COUNT,
};

static const char *const part_names[] = {
	[PART_SECRET] = "secret",
	[PART_KEY] = "collector.key",
	[PART_CERTIFICATE] = "collector.crt",
};

static int
path_in(const char *folder, const char *name, char *path, struct error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) {
		return error_set(err, "%.60s...: the path is too long", folder);
	}
	return 0;
}

/* Lock @folder until the returned descriptor is closed; a second process waits for that. */
static int
lock_folder(const char *folder, struct error *err)
{
	struct stat st;
	int fd;

	if (file_make_folder(folder, 0700, err) < 0) {
		return -1;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return error_errno(err, errno, "cannot open folder %s", folder);
	}
	if (flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0) {
		error_errno(err, errno, "cannot lock folder %s", folder);
		close(fd);
		return -1;
	}
	if (st.st_mode & 022) {
		error_set(err, "folder %s can be written by others: chmod 700 %s", folder, folder);
		close(fd);
		return -1;
	}
	return fd;
}

static int
mark_unused(const char *folder, struct error *err)
{
	char path[PATH_MAX];

	return path_in(folder, UNUSED_MARK, path, err) < 0 ? -1
							   : file_replace(path, "", 0, 0600, err);
}

static int
write_part(const char *folder, enum part part, const void *bytes, size_t len, struct error *err)
{
	char path[PATH_MAX];

	if (path_in(folder, part_names[part], path, err) < 0) {
		return -1;
	}
	return file_replace(path, bytes, len, 0600, err);
}

static int
make(const char *folder, struct error *err)
{
	char *key_pem = NULL, *certificate_pem = NULL;
	unsigned char secret[SECRET_BYTES];
	char unfinished[PATH_MAX];
	int status = -1;

	if (path_in(folder, UNFINISHED, unfinished, err) < 0 ||
	    file_replace(unfinished, "", 0, 0600, err) < 0 || mark_unused(folder, err) < 0) {
		return -1;
	}
	if (make_pair(&key_pem, &certificate_pem, err) < 0) {
		return -1;
	}
	if (RAND_bytes(secret, sizeof(secret)) != 1) {
		error_set(err, "the system gives no random bytes for the collector's secret");
		goto out;
	}
	if (write_part(folder, PART_SECRET, secret, sizeof(secret), err) < 0 ||
	    write_part(folder, PART_KEY, key_pem, strlen(key_pem), err) < 0 ||
	    write_part(folder, PART_CERTIFICATE, certificate_pem, strlen(certificate_pem), err) <
		0) {
		goto out;
	}
	if (unlink(unfinished) < 0) {
		error_errno(err, errno, "cannot remove %s", unfinished);
		goto out;
	}
	status = 0;
out:
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(key_pem, strlen(key_pem));
	free(key_pem);
	free(certificate_pem);
	return status;
}

/* How many of its files @folder has; @missing: one that it has not. */
static int
count_parts(const char *folder, int *found, enum part *missing, struct error *err)
{
	char path[PATH_MAX];

	*found = 0;
	for (enum part part = PART_SECRET; part < PART_COUNT; part++) {
		if (path_in(folder, part_names[part], path, err) < 0) {
			return -1;
		}
		if (access(path, F_OK) == 0) {
			++*found;
		} else if (errno == ENOENT) {
			*missing = part;
		} else {
			return error_errno(err, errno, "cannot see %s", path);
		}
	}
	return 0;
}

/* Whether a crash left an identity half made, of which no agent was told. */
static int
is_unfinished(const char *folder, bool *unfinished, struct error *err)
{
	char path[PATH_MAX];

	if (path_in(folder, UNFINISHED, path, err) < 0) {
		return -1;
	}
	*unfinished = access(path, F_OK) == 0;
	return 0;
}

int
identity_find(const char *folder, enum identity_found *what, struct error *err)
{
	enum part missing;
	bool unfinished;
	int found;

	if (is_unfinished(folder, &unfinished, err) < 0 ||
	    count_parts(folder, &found, &missing, err) < 0) {
		return -1;
	}
	*what = unfinished || found == 0 ? IDENTITY_NONE
	    : found < PART_COUNT         ? IDENTITY_PART
					 : IDENTITY_WHOLE;
	return 0;
}

/* Make the identity where nothing of it is there, or where a crash left it half made. */
static int
make_if_new(const char *folder, struct error *err)
{
	enum part missing = PART_SECRET;
	bool unfinished;
	int found;

	if (is_unfinished(folder, &unfinished, err) < 0 ||
	    count_parts(folder, &found, &missing, err) < 0) {
		return -1;
	}
	if (unfinished || found == 0) {
		return make(folder, err);
	}
	if (found < PART_COUNT) {
		return error_set(err,
		    "%s/%s is missing, which belongs to the collector's identity: bring it back "
		    "from a backup; if there is none, `timetier apply --new-identity` makes "
		    "another identity and gives it to every agent",
		    folder, part_names[missing]);
	}
	return 0;
}

int
identity_set_aside(const char *folder, struct error *err)
{
	char path[PATH_MAX], aside[PATH_MAX + 8];
	int fd = lock_folder(folder, err), status = fd < 0 ? -1 : 0;

	for (enum part part = PART_SECRET; part < PART_COUNT && status == 0; part++) {
		status = path_in(folder, part_names[part], path, err);
		snprintf(aside, sizeof(aside), "%s.old", path);
		if (status == 0 && rename(path, aside) < 0 && errno != ENOENT) {
			status = error_errno(err, errno, "cannot rename %s", path);
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	return status;
}

bool
identity_is_unused(const char *folder)
{
	char path[PATH_MAX];
	struct error err;

	return path_in(folder, UNUSED_MARK, path, &err) == 0 && access(path, F_OK) == 0;
}

void
identity_used(const char *folder)
{
	char path[PATH_MAX];
	struct error err;

	if (path_in(folder, UNUSED_MARK, path, &err) == 0) {
		unlink(path); /* what stays there only makes us ask the collector once more */
	}
}

static int
read_part(const char *folder, enum part part, struct buf *buf, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (path_in(folder, part_names[part], path, err) < 0) {
		return -1;
	}
	if (stat(path, &st) < 0) {
		return error_errno(err, errno, "cannot see %s", path);
	}
	if (st.st_mode & 077) {
		return error_set(err, "%s can be read by others: chmod 600 %s", path, path);
	}
	return file_read(path, buf, err);
}

/* Fill @identity->pin, when key and certificate are readable and belong together. */
static int
check_pair(const char *folder, struct identity *identity, struct error *err)
{
	BIO *key_in = BIO_new_mem_buf(identity->key_pem, -1);
	BIO *certificate_in = BIO_new_mem_buf(identity->certificate_pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL);
	X509 *certificate = PEM_read_bio_X509(certificate_in, NULL, NULL, NULL);
	int status = -1;

	if (!key) {
		error_set(err, "%s/%s is not a private key", folder, part_names[PART_KEY]);
	} else if (!certificate) {
		error_set(err, "%s/%s is not a certificate", folder, part_names[PART_CERTIFICATE]);
	} else if (X509_check_private_key(certificate, key) != 1) {
		error_set(err, "%s: %s is not the key of %s", folder, part_names[PART_KEY],
		    part_names[PART_CERTIFICATE]);
	} else if (pin_of_key(key, identity->pin) < 0) {
		error_set(err, "cannot hash the key in %s/%s", folder, part_names[PART_KEY]);
	} else {
		status = 0;
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(certificate_in);
	BIO_free(key_in);
	return status;
}

static int
read_all(const char *folder, struct identity *identity, struct error *err)
{
	struct buf parts[PART_COUNT] = {
		{ .limit_bytes = PEM_BYTES_MAX },
		{ .limit_bytes = PEM_BYTES_MAX },
		{ .limit_bytes = PEM_BYTES_MAX },
	};
	struct identity found = { 0 };
	int status = 0;

	for (int part = 0; part < PART_COUNT && status == 0; part++) {
		status = read_part(folder, part, &parts[part], err);
	}
	if (status == 0 && parts[PART_SECRET].len != SECRET_BYTES) {
		status = error_set(err, "%s/%s has %zu bytes and not %zu", folder,
		    part_names[PART_SECRET], parts[PART_SECRET].len, SECRET_BYTES);
	}
	if (status == 0) {
		memcpy(found.secret, parts[PART_SECRET].data, SECRET_BYTES);
		found.key_pem = strdup(buf_str(&parts[PART_KEY]));
		found.certificate_pem = strdup(buf_str(&parts[PART_CERTIFICATE]));
		if (!found.key_pem || !found.certificate_pem) {
			abort();
		}
		status = check_pair(folder, &found, err);
	}
	if (status == 0) {
		status = revocations_read(folder, &found.revoked, err);
	}
	if (status >= 0) {
		*identity = found;
		status = 0;
	} else {
		identity_done(&found);
	}
	for (int part = 0; part < PART_COUNT; part++) {
		buf_free(&parts[part]);
	}
	return status;
}

int
identity_open(const char *folder, struct identity *identity, struct error *err)
{
	int fd, status;

	fd = lock_folder(folder, err);
	if (fd < 0) {
		return -1;
	}
	status = make_if_new(folder, err);
	if (status == 0) {
		status = read_all(folder, identity, err);
	}
	close(fd);
	return status;
}

static void
make_token(const struct identity *identity, const char *host, unsigned number, char *token)
{
	unsigned char digest[32];
	unsigned len = sizeof(digest);
	struct buf text = { 0 };

	buf_text(&text, host);
	if (number > 0) {
		buf_add(&text, "", 1);
		buf_printf(&text, "%u", number);
	}
	/* HMAC() fails only when there is no memory. */
	if (!HMAC(EVP_sha256(), identity->secret, SECRET_BYTES, (const unsigned char *)text.data,
		text.len, digest, &len)) {
		abort();
	}
	hex_text(digest, len, token);
	buf_free(&text);
}

void
identity_token(const struct identity *identity, const char *host, char *token)
{
	make_token(identity, host, identity_token_number(identity, host), token);
}

bool
identity_token_is(
    const struct identity *identity, const char *host, unsigned number, const char *token)
{
	char right[TOKEN_BYTES];

	make_token(identity, host, number, right);
	return strlen(token) == sizeof(right) - 1 &&
	    CRYPTO_memcmp(token, right, sizeof(right) - 1) == 0;
}

unsigned
identity_token_number(const struct identity *identity, const char *host)
{
	return revocations_of(&identity->revoked, host);
}

int
identity_revoke(const char *folder, struct identity *identity, const char *host, struct error *err)
{
	int fd, status;

	fd = lock_folder(folder, err);
	if (fd < 0) {
		return -1;
	}
	status = revocations_read(folder, &identity->revoked, err);
	if (status >= 0) {
		status = revocations_add(folder, &identity->revoked, host, err);
	}
	close(fd);
	return status;
}

int
identity_refresh(const char *folder, struct identity *identity, struct error *err)
{
	return revocations_read(folder, &identity->revoked, err);
}

void
identity_done(struct identity *identity)
{
	if (!identity) {
		return;
	}
	if (identity->key_pem) {
		OPENSSL_cleanse(identity->key_pem, strlen(identity->key_pem));
	}
	free(identity->key_pem);
	free(identity->certificate_pem);
	revocations_done(&identity->revoked);
	OPENSSL_cleanse(identity, sizeof(*identity));
}
