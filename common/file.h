/* Reads whole files up to a limit, and replaces files whole or not at all. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/buf.h"
#include "common/error.h"

#include <sys/types.h>

/*
 * Read the whole file at @path to the end of @buf.
 *
 * Returns 0, or -1 with @err set: it cannot be read, or it does not fit @buf's limit.
 */
int file_read(const char *path, struct buf *buf, struct error *err) MUST_CHECK;

/*
 * Open the plain file at @path, or /dev/null, for reading.  What is none is not opened, because
 * that can wait for somebody (a FIFO) or do something (a device); nor does this wait for a lease on
 * the file.
 *
 * @flags: O_NOFOLLOW where another user could put a link in the place of the file; else 0
 *
 * Returns the descriptor, or -1 with @err set; errno is EINVAL when it is no plain file.
 */
int file_open_plain(const char *path, int flags, struct error *err) MUST_CHECK;

/* As file_read(), of a file that file_open_plain() opens. */
int file_read_plain(const char *path, int flags, struct buf *buf, struct error *err) MUST_CHECK;

/*
 * Make @path hold exactly the @len bytes of @bytes: write a file beside it, fsync, rename, fsync
 * the folder.  After a failure or a crash the old file or the new one is there, whole.  A device or
 * a pipe, as /dev/null and /dev/stdout are, stays what it is, and is written to.
 *
 * @mode: permission bits of the new file, whatever the umask is
 */
int file_replace(
    const char *path, const void *bytes, size_t len, mode_t mode, struct error *err) MUST_CHECK;

/*
 * Write @bytes to a new file at @path, and fsync it.  What is there already, be it a link that
 * leads nowhere, stays as it is, and that is an error.
 *
 * @mode: permission bits of the file, whatever the umask is
 */
int file_create(
    const char *path, const void *bytes, size_t len, mode_t mode, struct error *err) MUST_CHECK;

/* As `mkdir -p`, with @mode for each folder made. */
int file_make_folder(const char *path, mode_t mode, struct error *err) MUST_CHECK;

/* The part of @path behind its last slash; all of @path if it has no slash. */
const char *file_name(const char *path);

#endif
