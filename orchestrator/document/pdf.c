#include "orchestrator/document/pdf.h"

#include "common/buf.h"
#include "common/file.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define PDF_BYTES_MAX (256 << 20)
#define LIMIT_MS 120000

static int
remove_one(const char *path, const struct stat *info UNUSED, int kind UNUSED, struct FTW *at UNUSED)
{
	return remove(path);
}

/* A run of the browser. */
struct printing {
	uv_process_t process;
	uv_timer_t timer;
	int64_t exit_status;
	int signal;
	bool late;
};

static void
on_late(uv_timer_t *timer)
{
	struct printing *printing = timer->data;

	printing->late = true;
	uv_process_kill(&printing->process, SIGKILL);
}

static void
on_exit_of(uv_process_t *process, int64_t exit_status, int signal)
{
	struct printing *printing = process->data;

	printing->exit_status = exit_status;
	printing->signal = signal;
	uv_close((uv_handle_t *)process, NULL);
	uv_close((uv_handle_t *)&printing->timer, NULL);
}

/* Run @program; returns 0 when it ended well, -1 when it is not there, 1 otherwise. */
static int
print_by(const char *program, const char *folder, const char *url, const char *pdf)
{
	char profile[PATH_MAX + 64], to[PATH_MAX + 64];
	char *argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t) "--headless",
		(char *)(uintptr_t) "--disable-gpu", (char *)(uintptr_t) "--no-first-run",
		(char *)(uintptr_t) "--disable-background-networking",
		(char *)(uintptr_t) "--no-pdf-header-footer", profile, to,
		(char *)(uintptr_t)(getuid() == 0 ? "--no-sandbox" : url), (char *)(uintptr_t)url,
		NULL };
	struct printing printing = { .signal = 0 };
	uv_stdio_container_t quiet[3] = { { .flags = UV_IGNORE }, { .flags = UV_IGNORE },
		{ .flags = UV_IGNORE } };
	uv_process_options_t options = { .file = program,
		.args = argv,
		.exit_cb = on_exit_of,
		.stdio = quiet,
		.stdio_count = 3 };
	uv_loop_t loop;
	int status;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s/profile", folder);
	snprintf(to, sizeof(to), "--print-to-pdf=%s", pdf);
	uv_loop_init(&loop);
	uv_timer_init(&loop, &printing.timer);
	printing.timer.data = printing.process.data = &printing;
	status = uv_spawn(&loop, &printing.process, &options);
	if (status == 0) {
		uv_timer_start(&printing.timer, on_late, LIMIT_MS, 0);
	} else {
		uv_close((uv_handle_t *)&printing.process, NULL);
		uv_close((uv_handle_t *)&printing.timer, NULL);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return status < 0 ? -1 : printing.exit_status != 0 || printing.signal != 0;
}

/* Print @folder/review.html to @folder/review.pdf. */
static int
print_page(const char *folder, struct error *err)
{
	const char *programs[] = { getenv("CHROMIUM"), "chromium", "chromium-browser" };
	char url[PATH_MAX + 32], pdf[PATH_MAX + 32];
	int status = -1;

	snprintf(url, sizeof(url), "file://%s/review.html", folder);
	snprintf(pdf, sizeof(pdf), "%s/review.pdf", folder);
	for (size_t i = 0; i < COUNT(programs) && status < 0; i++) {
		if (programs[i] && programs[i][0]) {
			status = print_by(programs[i], folder, url, pdf);
		}
	}
	if (status < 0) {
		return error_set(err,
		    "no Chromium is here that makes a PDF: open the HTML file in a "
		    "browser and print it, or set CHROMIUM to the program");
	}
	return access(pdf, F_OK) == 0 && status == 0
	    ? 0
	    : error_set(err, "Chromium made no PDF of the page");
}

int
pdf_write(const char *page, size_t len, const char *path, struct error *err)
{
	char folder[] = "/tmp/timetier-document.XXXXXX", file[PATH_MAX];
	struct buf pdf = { .limit_bytes = PDF_BYTES_MAX };
	int status;

	if (!mkdtemp(folder)) {
		return error_set(err, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	snprintf(file, sizeof(file), "%s/review.html", folder);
	status = file_replace(file, page, len, 0600, err);
	if (status == 0) {
		status = print_page(folder, err);
	}
	snprintf(file, sizeof(file), "%s/review.pdf", folder);
	if (status == 0) {
		status = file_read(file, &pdf, err);
	}
	if (status == 0) {
		status = file_replace(path, pdf.data, pdf.len, 0644, err);
	}
	buf_free(&pdf);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}
