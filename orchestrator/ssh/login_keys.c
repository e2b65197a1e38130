#include "orchestrator/ssh/login_keys.h"

#include "common/file.h"
#include "orchestrator/ssh/agent.h"
#include "orchestrator/ssh/kexinit.h"
#include "orchestrator/ssh/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGENT_KEYS_MAX 16
#define FILE_BYTES_MAX (64u << 10)

/* A key file that was read, and what is wrong with the key. */
struct file_key {
	char *path;
	struct ssh_key key;
	enum key_problem problem;
	struct error err;
	struct file_key *next;
};

struct login_keys {
	bool asked; /* the agent was asked */
	int agent_fd;
	struct error agent_err; /* empty: the agent answered, or there is no agent */
	struct ssh_key agent_keys[AGENT_KEYS_MAX];
	size_t agent_count, agent_skipped;
	struct file_key *files;
};

struct login_keys *
login_keys_new(void)
{
	struct login_keys *ring = calloc(1, sizeof(*ring));

	if (!ring) {
		abort();
	}
	ring->agent_fd = -1;
	return ring;
}

void
login_keys_free(struct login_keys *ring)
{
	if (!ring) {
		return;
	}
	while (ring->files) {
		struct file_key *file = ring->files;

		ring->files = file->next;
		ssh_key_done(&file->key);
		free(file->path);
		free(file);
	}
	for (size_t i = 0; i < ring->agent_count; i++) {
		ssh_key_done(&ring->agent_keys[i]);
	}
	if (ring->agent_fd >= 0) {
		close(ring->agent_fd);
	}
	free(ring);
}

static void
ask_agent(struct login_keys *ring)
{
	const char *path = getenv("SSH_AUTH_SOCK");

	if (ring->asked || !path || !*path) {
		return;
	}
	ring->asked = true;
	ring->agent_fd = agent_connect(path, &ring->agent_err);
	if (ring->agent_fd >= 0 &&
	    agent_list(ring->agent_fd, ring->agent_keys, AGENT_KEYS_MAX, &ring->agent_count,
		&ring->agent_skipped, &ring->agent_err)) {
		ring->agent_count = 0;
	}
}

/* @path with "~/" at its start replaced by $HOME; the caller frees it. */
static char *
expand(const char *path)
{
	const char *home = getenv("HOME");
	struct buf full = { 0 };

	if (path[0] == '~' && path[1] == '/' && home) {
		buf_text(&full, home);
		path++;
	}
	buf_text(&full, path);
	return full.data;
}

static struct file_key *
read_file(struct login_keys *ring, const char *path)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	char *full = expand(path);
	struct file_key *file;

	for (file = ring->files; file; file = file->next) {
		if (strcmp(file->path, full) == 0) {
			free(full);
			return file;
		}
	}
	file = calloc(1, sizeof(*file));
	if (!file) {
		abort();
	}
	file->path = full;
	file->next = ring->files;
	ring->files = file;
	if (file_read(full, &text, &file->err)) {
		file->problem = KEY_MALFORMED;
	} else {
		file->problem = key_decode(buf_str(&text), text.len, &file->key, &file->err);
		if (file->problem != KEY_USABLE) {
			error_wrap(&file->err, "%s", full);
		}
	}
	if (text.data) {
		explicit_bzero(text.data, text.len);
	}
	buf_free(&text);
	file->key.name = strdup(full);
	return file;
}

static const struct ssh_key *
agent_key(const struct login_keys *ring, const struct ssh_key *key)
{
	for (size_t i = 0; i < ring->agent_count; i++) {
		const struct ssh_key *held = &ring->agent_keys[i];

		if (held->blob_len == key->blob_len &&
		    memcmp(held->blob, key->blob, key->blob_len) == 0) {
			return held;
		}
	}
	return NULL;
}

static void
note(struct buf *notes, const char *text)
{
	if (*text) {
		buf_printf(notes, "%s%s", notes->len ? "; " : "", text);
	}
}

/* The key in the file at @path, or the same key of the agent; or NULL, and a note in @notes. */
static const struct ssh_key *
file_key(struct login_keys *ring, const char *path, struct buf *notes)
{
	const struct file_key *file = read_file(ring, path);

	if (file->problem == KEY_USABLE) {
		return &file->key;
	}
	if (file->problem == KEY_ENCRYPTED && file->key.blob && agent_key(ring, &file->key)) {
		return agent_key(ring, &file->key);
	}
	note(notes, file->err.text);
	return NULL;
}

static void
note_agent(const struct login_keys *ring, struct buf *notes)
{
	char text[120];

	note(notes, ring->agent_err.text);
	if (ring->agent_skipped > 0) {
		snprintf(text, sizeof(text),
		    "%zu keys of ssh-agent were not tried: libssh2 cannot use their types, or they "
		    "are too many",
		    ring->agent_skipped);
		note(notes, text);
	}
}

/* The keys that are tried so far. */
struct tries {
	const struct ssh_key **keys;
	size_t count;
	const struct ssh_policy *policy;
	struct buf *notes;
};

static void
try_key(struct tries *tries, const struct ssh_key *key)
{
	char text[200];

	for (size_t i = 0; i < tries->count; i++) {
		if (tries->keys[i]->blob_len == key->blob_len &&
		    memcmp(tries->keys[i]->blob, key->blob, key->blob_len) == 0) {
			return;
		}
	}
	if (!kex_has(tries->policy->login_types, key->type, strlen(key->type))) {
		snprintf(
		    text, sizeof(text), "%.150s is not among PubkeyAcceptedAlgorithms", key->name);
		note(tries->notes, text);
	} else if (tries->count < KEY_TRIES_MAX) {
		tries->keys[tries->count++] = key;
	}
}

static bool
is_there(const char *path)
{
	char *full = expand(path);
	bool there = access(full, F_OK) == 0;

	free(full);
	return there;
}

/*
 * As ssh does: first the keys that the agent has and a file names, then the agent's others, then
 * the files.
 */
static void
try_files(struct login_keys *ring, struct tries *tries, const char *const *files, size_t count)
{
	const struct ssh_key *of_file[POLICY_IDENTITIES_MAX] = { NULL };

	for (size_t i = 0; i < count; i++) {
		of_file[i] = is_there(files[i]) ? file_key(ring, files[i], tries->notes) : NULL;
		if (of_file[i] && agent_key(ring, of_file[i])) {
			try_key(tries, agent_key(ring, of_file[i]));
		}
	}
	for (size_t i = 0; i < ring->agent_count && !tries->policy->identities_only; i++) {
		try_key(tries, &ring->agent_keys[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (of_file[i]) {
			try_key(tries, of_file[i]);
		}
	}
}

size_t
login_keys_list(struct login_keys *ring, const char *identity, const struct ssh_policy *policy,
    const struct ssh_key **keys, struct buf *notes)
{
	static const char *const usual[] = { "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa" };
	struct tries tries = { keys, 0, policy, notes };

	ask_agent(ring);
	if (identity) {
		const struct ssh_key *key = file_key(ring, identity, notes);

		if (key) {
			try_key(&tries, key);
		}
		return tries.count;
	}
	if (!policy->identities_only) {
		note_agent(ring, notes);
	}
	if (policy->identity_count > 0) {
		try_files(ring, &tries, policy->identities, policy->identity_count);
	} else {
		try_files(ring, &tries, usual, COUNT(usual));
	}
	return tries.count;
}

static bool
has_certificate(const char *identity)
{
	char path[1024];

	snprintf(path, sizeof(path), "%.1000s-cert.pub", identity);
	return is_there(path);
}

bool
login_keys_more(const char *identity, const struct ssh_policy *policy)
{
	static const char *const others[] = { "~/.ssh/id_rsa", "~/.ssh/id_ed25519_sk",
		"~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519-cert.pub", "~/.ssh/id_ecdsa-cert.pub" };
	bool found = false;

	if (identity) {
		return has_certificate(identity);
	}
	for (size_t i = 0; i < policy->identity_count && !found; i++) {
		found = has_certificate(policy->identities[i]);
	}
	for (size_t i = 0; policy->identity_count == 0 && i < COUNT(others) && !found; i++) {
		found = is_there(others[i]);
	}
	return found;
}

int
login_keys_sign(struct login_keys *ring, const struct ssh_key *key, const void *data, size_t len,
    struct buf *signature, struct error *err)
{
	if (key->pkey) {
		return key_sign(key, data, len, signature, err);
	}
	return agent_sign(ring->agent_fd, key, data, len, signature, err);
}
