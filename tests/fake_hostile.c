#include "tests/fake_hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/shown.h"

#define BANNER "SSH-2.0-OpenSSH_9.2\r\n"
#define PIECE 16384

/* Returns false when nobody listens any more. */
static bool
put(int fd, const void *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void
repeat(int fd, const char *piece, size_t len)
{
	char many[PIECE];

	for (size_t i = 0; i < sizeof(many); i++) {
		many[i] = piece[i % len];
	}
	while (put(fd, many, sizeof(many) / len * len)) {
	}
}

static void
wait_for_the_end(int fd)
{
	char bytes[PIECE];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0) {
	}
}

static void
silence(int fd, unsigned seed UNUSED)
{
	wait_for_the_end(fd);
}

static void
noise(int fd, unsigned seed)
{
	char bytes[PIECE];

	do {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245u + 12345u;
			bytes[i] = (char)(seed >> 16);
		}
	} while (put(fd, bytes, sizeof(bytes)));
}

static void
lines_without_end(int fd, unsigned seed UNUSED)
{
	static const char line[] = "this is not yet the banner " HOSTILE_TEXT "\r\n";

	repeat(fd, line, sizeof(line) - 1);
}

static void
one_line_without_end(int fd, unsigned seed UNUSED)
{
	repeat(fd, "x", 1);
}

static void
a_banner_without_end(int fd, unsigned seed UNUSED)
{
	put(fd, "SSH-2.0-", 8);
	repeat(fd, "x", 1);
}

static void
a_banner_and_silence(int fd, unsigned seed UNUSED)
{
	put(fd, BANNER, sizeof(BANNER) - 1);
	wait_for_the_end(fd);
}

/* Each byte comes soon enough; together they take for ever. */
static void
a_slow_banner(int fd, unsigned seed UNUSED)
{
	while (put(fd, "x", 1)) {
		usleep(200000);
	}
}

static void
a_hang_up(int fd, unsigned seed UNUSED)
{
	put(fd, BANNER, sizeof(BANNER) - 1);
}

static void
put_u32(struct buf *out, size_t value)
{
	const char bytes[] = { (char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
		(char)value };

	buf_add(out, bytes, sizeof(bytes));
}

/* An unencrypted packet with @payload. */
static void
put_packet(struct buf *out, const struct buf *payload)
{
	size_t padding = 8 - (5 + payload->len) % 8;

	padding += padding < 4 ? 8 : 0;
	put_u32(out, 1 + payload->len + padding);
	buf_add(out, (const char[]){ (char)padding }, 1);
	buf_add(out, payload->data, payload->len);
	buf_add(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", padding);
}

/* A KEXINIT whose ten lists are all @list. */
static void
put_kexinit(struct buf *out, const char *list, size_t len)
{
	struct buf payload = { .limit_bytes = 0 };

	buf_add(&payload, "\x14-----cookie-----", 17);
	for (int i = 0; i < 10; i++) {
		put_u32(&payload, len);
		buf_add(&payload, list, len);
	}
	buf_add(&payload, "\0\0\0\0\0", 5);
	put_packet(out, &payload);
	buf_free(&payload);
}

static void
say(int fd, struct buf *out)
{
	put(fd, out->data, out->len);
	buf_free(out);
	wait_for_the_end(fd);
}

static void
algorithms_with_escapes(int fd, unsigned seed UNUSED)
{
	static const char list[] = HOSTILE_TEXT "," HOSTILE_TEXT;
	struct buf out = { .limit_bytes = 0 };

	buf_text(&out, "SSH-2.0-" HOSTILE_TEXT "\r\n");
	put_kexinit(&out, list, sizeof(list) - 1);
	say(fd, &out);
}

static void
algorithms_without_end(int fd, unsigned seed UNUSED)
{
	struct buf out = { .limit_bytes = 0 }, list = { .limit_bytes = 0 };

	while (list.len < 3400) {
		buf_text(&list, HOSTILE_TEXT ",");
	}
	buf_text(&out, BANNER);
	for (int i = 0; i < 100; i++) {
		put_kexinit(&out, list.data, list.len);
	}
	buf_free(&list);
	say(fd, &out);
}

static void
a_packet_without_end(int fd, unsigned seed UNUSED)
{
	put(fd, BANNER "\xff\xff\xff\xff\x04\x14", sizeof(BANNER) + 5);
	repeat(fd, "x", 1);
}

static void
ignored_packets_without_end(int fd, unsigned seed UNUSED)
{
	struct buf out = { .limit_bytes = 0 }, payload = { .limit_bytes = 0 };

	put(fd, BANNER, sizeof(BANNER) - 1);
	buf_add(&payload, "\x02\0\0\0\0", 5); /* SSH_MSG_IGNORE */
	put_packet(&out, &payload);
	buf_free(&payload);
	repeat(fd, out.data, out.len);
	buf_free(&out);
}

/* Packets that nobody asked for are kept until somebody does. */
static void
unknown_packets_without_end(int fd, unsigned seed UNUSED)
{
	struct buf out = { .limit_bytes = 0 }, payload = { .limit_bytes = 0 };

	put(fd, BANNER, sizeof(BANNER) - 1);
	buf_add(&payload, "\xc8", 1);
	put_packet(&out, &payload);
	buf_free(&payload);
	repeat(fd, out.data, out.len);
	buf_free(&out);
}

static void
a_last_word_with_escapes(int fd, unsigned seed UNUSED)
{
	static const char words[] = HOSTILE_TEXT "\nhost good: put back\n";
	struct buf out = { .limit_bytes = 0 }, payload = { .limit_bytes = 0 };

	buf_text(&out, BANNER);
	buf_add(&payload, "\x01\0\0\0\x02", 5); /* SSH_MSG_DISCONNECT */
	put_u32(&payload, sizeof(words) - 1);
	buf_add(&payload, words, sizeof(words) - 1);
	put_u32(&payload, 0);
	put_packet(&out, &payload);
	buf_free(&payload);
	say(fd, &out);
}

/* What a server would say, with some bytes of it changed, cut and doubled. */
static void
nearly_right(int fd, unsigned seed)
{
	static const char list[] = "curve25519-sha256,ssh-ed25519,aes128-ctr,hmac-sha2-256,none";
	struct buf out = { .limit_bytes = 0 };

	buf_text(&out, BANNER);
	put_kexinit(&out, list, sizeof(list) - 1);
	put_kexinit(&out, list, sizeof(list) - 1);
	for (unsigned i = 0; i < 1 + seed % 7; i++) {
		seed = seed * 1103515245u + 12345u;
		out.data[(seed >> 8) % out.len] = (char)(seed >> 16);
	}
	out.len -= seed % 3 == 0 ? (seed >> 8) % out.len : 0;
	say(fd, &out);
}

static const struct {
	const char *name;
	void (*speak)(int fd, unsigned seed);
} attacks[] = {
	{ "silence", silence },
	{ "noise", noise },
	{ "lines without end", lines_without_end },
	{ "one line without end", one_line_without_end },
	{ "a banner without end", a_banner_without_end },
	{ "a banner and silence", a_banner_and_silence },
	{ "a slow banner", a_slow_banner },
	{ "a hang up", a_hang_up },
	{ "algorithms with escapes", algorithms_with_escapes },
	{ "algorithms without end", algorithms_without_end },
	{ "a packet without end", a_packet_without_end },
	{ "ignored packets without end", ignored_packets_without_end },
	{ "unknown packets without end", unknown_packets_without_end },
	{ "a last word with escapes", a_last_word_with_escapes },
	{ "nearly right", nearly_right },
	{ "nearly right again", nearly_right },
};

const char *
fake_hostile_name(size_t index)
{
	return index < COUNT(attacks) ? attacks[index].name : NULL;
}

void
fake_hostile_start(struct fake_hostile *hostile, size_t index, unsigned seed)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof(name)) ||
	    listen(listener, 16) || getsockname(listener, (struct sockaddr *)&name, &len)) {
		perror("listen");
		exit(EXIT_FAILURE);
	}
	hostile->port = ntohs(name.sin_port);
	hostile->pid = fork();
	if (hostile->pid == 0) {
		setpgid(0, 0);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd >= 0 && fork() == 0) {
				attacks[index].speak(fd, seed);
				_exit(0);
			}
			close(fd);
		}
	}
	close(listener);
	setpgid(hostile->pid, hostile->pid);
}

void
fake_hostile_stop(struct fake_hostile *hostile)
{
	kill(-hostile->pid, SIGKILL);
	waitpid(hostile->pid, NULL, 0);
}

const char *
fake_hostile_stain(const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		for (size_t i = 0; i < line; i++) {
			if (!shown_is_fit(text + i, 1, 0) && (unsigned char)text[i] < 0x80) {
				return text + i;
			}
		}
		if (!shown_is_fit(text, line, 0)) {
			return text;
		}
		text += line + (end != NULL);
		len -= line + (end != NULL);
	}
	return NULL;
}
