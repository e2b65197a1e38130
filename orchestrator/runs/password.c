#include "orchestrator/runs/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_BYTES 512
#define BY_FILE                                                                                    \
	"name a file with it by --sudo-password-file, or give the user a NOPASSWD rule in sudoers"

struct password {
	uv_loop_t *loop;
	struct progress *progress;
	struct sudo *sudo;
	char text[PASSWORD_BYTES]; /* of the file, until it is asked for; of the terminal so far */
	size_t len;
	bool from_file;
	int fd; /* the terminal; -1: it is not asked */
	struct termios before;
	uv_poll_t poll;
	uv_signal_t signals[3];
};

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

static int
read_file(struct password *password, const char *file, struct error *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st)) {
		error_errno(err, errno, "%s", file);
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	if (!S_ISREG(st.st_mode) || st.st_mode & 077 || (st.st_uid != getuid() && st.st_uid != 0)) {
		close(fd);
		return error_set(
		    err, "%s: a file with a password is yours alone: `chmod 600 %s`", file, file);
	}
	got = read(fd, password->text, sizeof(password->text) - 1);
	close(fd);
	password->text[got > 0 ? got : 0] = '\0';
	password->text[strcspn(password->text, "\r\n")] = '\0';
	if (password->text[0] == '\0') {
		return error_set(err, "%s: there is no password in its first line", file);
	}
	password->from_file = true;
	return 0;
}

/* --- the terminal --- */

static void
close_terminal(struct password *password)
{
	if (password->fd < 0) {
		return;
	}
	tcsetattr(password->fd, TCSAFLUSH, &password->before);
	dprintf(password->fd, "\n");
	uv_close((uv_handle_t *)&password->poll, NULL);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uv_close((uv_handle_t *)&password->signals[i], NULL);
	}
	close(password->fd);
	password->fd = -1;
}

static void
on_signal(uv_signal_t *handle, int number)
{
	struct password *password = handle->data;

	close_terminal(password);
	signal(number, SIG_DFL);
	raise(number);
}

static void
answer(struct password *password, bool given)
{
	struct error err;

	error_set(&err, "sudo wants a password, and none was given");
	password->text[strcspn(password->text, "\r\n")] = '\0';
	sudo_answer(password->sudo, given && password->text[0] ? password->text : NULL, &err);
	explicit_bzero(password->text, sizeof(password->text));
}

/* The terminal gives whole lines. */
static void
on_typed(uv_poll_t *poll, int status, int events UNUSED)
{
	struct password *password = poll->data;
	size_t room = sizeof(password->text) - 1 - password->len;
	ssize_t got = status < 0 ? 0 : read(password->fd, password->text + password->len, room);
	bool over;

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	over = got <= 0;
	password->len += over ? 0 : (size_t)got;
	password->text[password->len] = '\0';
	if (over || strchr(password->text, '\n') || (size_t)got == room) {
		close_terminal(password);
		answer(password, !over);
	}
}

static int
open_terminal(struct password *password, const char *host)
{
	struct termios quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || tcgetattr(fd, &password->before)) {
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	if (uv_poll_init(password->loop, &password->poll, fd)) {
		close(fd);
		return -1;
	}
	password->fd = fd;
	/* before the question is seen: whoever ends it then gets the terminal back, too */
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uv_signal_init(password->loop, &password->signals[i]);
		password->signals[i].data = password;
		uv_signal_start(&password->signals[i], on_signal, numbers[i]);
	}
	quiet = password->before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON | ISIG;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	progress_end(password->progress);
	dprintf(fd, "password for sudo on %s, and on further hosts that want one: ", host);
	password->poll.data = password;
	uv_poll_start(&password->poll, UV_READABLE, on_typed);
	return 0;
}

static void
ask(void *ctx, struct sudo *sudo, const char *host)
{
	struct password *password = ctx;
	struct error err;

	if (password->from_file) {
		answer(password, true);
	} else if (open_terminal(password, host)) {
		error_set(&err,
		    "sudo wants a password, and there is no terminal to ask for it on: " BY_FILE);
		sudo_answer(sudo, NULL, &err);
	}
}

struct password *
password_new(uv_loop_t *loop, const char *file, struct progress *progress, struct error *err)
{
	struct password *password = calloc(1, sizeof(*password));

	if (!password) {
		abort();
	}
	password->loop = loop;
	password->progress = progress;
	password->fd = -1;
	password->sudo = sudo_new(ask, password);
	if (file && read_file(password, file, err)) {
		password_free(password);
		return NULL;
	}
	return password;
}

struct sudo *
password_sudo(struct password *password)
{
	return password->sudo;
}

void
password_close(struct password *password)
{
	if (password) {
		close_terminal(password);
	}
}

void
password_free(struct password *password)
{
	if (password) {
		sudo_free(password->sudo);
		explicit_bzero(password->text, sizeof(password->text));
		free(password);
	}
}
