/*
 * Which files and folders a look has read, and whether any of them has changed since: so that what
 * seldom changes is read again only then.
 *
 * A file is known by its inode, size and time of change, which nobody can set back; of one that is
 * not there, it is known that it is not.  A look whose files did not change is believed only after
 * a second one that found the same: a file may have been written twice within one tick of the
 * kernel's clock, before it was read and after.
 */
#ifndef AGENT_HOST_READS_H
#define AGENT_HOST_READS_H

#include "common/buf.h"

#define READS_MAX 16384           /* paths */
#define READS_BYTES_MAX (1 << 20) /* of their texts */

/* Zero-initialise it; reads_free() ends it. */
struct reads {
	struct buf paths;    /* texts, each with its NUL: paths, and suffixes of names */
	struct buf list;     /* of struct read_path */
	struct buf table;    /* of uint32_t: finds a path in list; 0: an empty place */
	uint64_t sum;        /* of all that was read by the latest look; 0: there was none */
	uint64_t sum_before; /* by the look before that */
	bool over;           /* there was more than is kept: nothing is known */
};

/*
 * From now on, note what the functions of agent/host/tree.h read, and whoever else calls
 * reads_note(); only one is noting at a time.  What an earlier look noted is forgotten.
 */
void reads_begin(struct reads *reads);

/* The look ended. */
void reads_end(struct reads *reads);

/* Note the file or folder at @path, before it is read.  Without reads_begin(), this does nothing.
 */
void reads_note(const char *path);

/*
 * Note that the folder at @path is listed, for names that end with @suffix ("": all).  Other names
 * may come and go: /run/systemd/units has one for each session of a user.
 */
void reads_note_names(const char *path, const char *suffix);

/* Whether what was read may be other by now; true, too, while there was no second look. */
bool reads_changed(struct reads *reads);

/* Let reads_changed() be true until two looks have ended. */
void reads_forget(struct reads *reads);

void reads_free(struct reads *reads);

#endif
