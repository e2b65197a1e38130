/*
 * The agent's protocol (draft-miller-ssh-agent).  Requests block, at most WAIT_S at a time: the
 * other end is a process of this machine.
 */
#include "orchestrator/ssh/agent.h"

#include "orchestrator/ssh/key.h"
#include "orchestrator/ssh/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_IDENTITIES 11
#define IDENTITIES_ANSWER 12
#define SIGN_REQUEST 13
#define SIGN_RESPONSE 14
#define ANSWER_MAX (256u << 10)
#define WAIT_S 20 /* the operator may have to touch a token */

int
agent_connect(const char *path, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = WAIT_S };
	int fd;

	if (strlen(path) >= sizeof(name.sun_path)) {
		return error_set(err, "the agent's socket has too long a name");
	}
	memcpy(name.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return error_errno(err, errno, "socket");
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, (const struct sockaddr *)&name, sizeof(name))) {
		error_errno(err, errno, "ssh-agent at %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static int
read_all(int fd, void *bytes, size_t len, struct error *err)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = recv(fd, at, len, 0);

		if (got <= 0) {
			return got ? error_errno(err, errno, "ssh-agent")
				   : error_set(err, "ssh-agent closed the connection");
		}
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

/* Send @body as one message and read the answer, which must be of type @want. */
static int
ask(int fd, const struct buf *body, uint8_t want, struct buf *answer, struct error *err)
{
	struct buf message = { 0 };
	uint8_t header[4];
	struct wire wire = { header, sizeof(header) };
	uint32_t len = 0;
	ssize_t sent;

	wire_put_string(&message, body->data, body->len);
	sent = send(fd, message.data, message.len, MSG_NOSIGNAL);
	if (sent != (ssize_t)message.len) {
		buf_free(&message);
		return error_errno(err, errno, "ssh-agent");
	}
	buf_free(&message);
	if (read_all(fd, header, sizeof(header), err)) {
		return -1;
	}
	if (!wire_u32(&wire, &len) || len == 0 || len > ANSWER_MAX) {
		return error_set(err, "ssh-agent answered nonsense");
	}
	for (uint32_t i = 0; i < len; i++) {
		buf_add(answer, "", 1);
	}
	if (read_all(fd, answer->data, len, err)) {
		return -1;
	}
	if ((uint8_t)answer->data[0] != want) {
		return error_set(err, "ssh-agent refused");
	}
	return 0;
}

static char *
name_key(const struct wire *comment)
{
	struct buf name = { .limit_bytes = 80 };

	buf_text(&name, "agent: ");
	for (size_t i = 0; i < comment->len; i++) {
		char c = (char)comment->bytes[i];

		buf_add(&name, c >= ' ' && c < 127 ? &c : "?", 1);
	}
	return name.data;
}

int
agent_list(
    int fd, struct ssh_key *keys, size_t max, size_t *count, size_t *skipped, struct error *err)
{
	struct buf body = { 0 }, answer = { 0 };
	struct wire wire, blob, comment, rest, type;
	uint32_t total = 0;
	int status = -1;

	*count = *skipped = 0;
	buf_add(&body, (uint8_t[]){ REQUEST_IDENTITIES }, 1);
	if (ask(fd, &body, IDENTITIES_ANSWER, &answer, err)) {
		goto out;
	}
	wire = (struct wire){ (const uint8_t *)answer.data + 1, answer.len - 1 };
	if (!wire_u32(&wire, &total)) {
		error_set(err, "ssh-agent answered nonsense");
		goto out;
	}
	for (; total > 0 && wire_string(&wire, &blob) && wire_string(&wire, &comment); total--) {
		const char *known = NULL;

		rest = blob;
		if (wire_string(&rest, &type)) {
			known = key_type_find(type.bytes, type.len);
		}
		if (!known || *count == max) {
			(*skipped)++;
			continue;
		}
		keys[*count] = (struct ssh_key){ .name = name_key(&comment), .type = known };
		keys[*count].blob = malloc(blob.len + 1);
		if (!keys[*count].blob) {
			abort();
		}
		memcpy(keys[*count].blob, blob.bytes, blob.len);
		keys[(*count)++].blob_len = blob.len;
	}
	status = 0;
out:
	buf_free(&body);
	buf_free(&answer);
	return status;
}

int
agent_sign(int fd, const struct ssh_key *key, const void *data, size_t len, struct buf *signature,
    struct error *err)
{
	struct buf body = { 0 }, answer = { 0 };
	struct wire wire, whole, algorithm, bytes;
	int status = -1;

	buf_add(&body, (uint8_t[]){ SIGN_REQUEST }, 1);
	wire_put_string(&body, key->blob, key->blob_len);
	wire_put_string(&body, data, len);
	wire_put_u32(&body, 0);
	if (ask(fd, &body, SIGN_RESPONSE, &answer, err)) {
		goto out;
	}
	wire = (struct wire){ (const uint8_t *)answer.data + 1, answer.len - 1 };
	if (!wire_string(&wire, &whole) || !wire_string(&whole, &algorithm) ||
	    !wire_string(&whole, &bytes)) {
		error_set(err, "ssh-agent answered nonsense");
		goto out;
	}
	buf_add(signature, bytes.bytes, bytes.len);
	status = 0;
out:
	buf_free(&body);
	buf_free(&answer);
	return status;
}
