/*
 * folder: the provisioning folder: a file by the name a phone asks for, and its bytes as a whole.
 *
 * The folder belongs to somebody else and is only ever read. What lies outside it does not exist:
 * a link may not lead out of it.
 */
#ifndef FILES_FOLDER_H
#define FILES_FOLDER_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/stat.h>
#include <time.h>

struct folder;

/* Remembers the path; the folder itself is opened when it is needed, so it may come and go. */
struct folder *folder_new(const char *path);
void folder_free(struct folder *f); /* safe with NULL */

const char *folder_path(const struct folder *f);

enum folder_fault { FOLDER_FINE, FOLDER_LEADS_OUT, FOLDER_UNREADABLE };

struct folder_file {
	int fd; /* -1: there is no such file */
	enum folder_fault fault;
	struct stat st;
	/* Reached without a symbolic link, with one name only, and on a file system that tells of
	 * changes: whoever watches the folder learns of every change to it, unless somebody gives
	 * it a second name elsewhere later and changes it by that. Also said of a name that is not
	 * there, or cannot be read, as far as its folders go. */
	bool watchable;
};

/* Opens a regular file; path is a relative path of plain components (rules/fname.h). What is there
 * and is no regular file counts as absent; so does what a link out of the folder leads to (an
 * absolute one always does), and out->fault says it. FOLDER_UNREADABLE: the rights do not suffice;
 * whether there is such a file is not known. Errors: ERR_IO (the folder itself, or a fault of the
 * machine). */
must_use bool folder_open(
    struct folder *f, const char *path, struct folder_file *out, struct err *e);

/* The whole file, never half of it nor a mixture of two. Freed with bytes_free. file->st is of what
 * was read. Errors: ERR_LIMIT (over max bytes), ERR_AGAIN (it changed while it was read, twice),
 * ERR_IO. */
must_use bool folder_read(struct folder_file *file, uint64_t max, struct bytes *out, struct err *e);

void folder_close(struct folder_file *file); /* safe when fd is -1 */

/* Nothing was written to it in between, as far as the file system can tell. */
bool folder_same_file(const struct stat *a, const struct stat *b);

/* Its last change lies far enough back that another one would bear another time. */
bool folder_settled(const struct stat *st, time_t now);

#define FOLDER_DEPTH_MAX 32

/* Every entry below the folder (not hidden ones) that comes after the path after ("": all), depth
 * first, in order of name: path relative to it. is_folder: entries of it follow, when it can be
 * read and lies less than FOLDER_DEPTH_MAX deep. each returns false to stop: the walk goes on after
 * the last path. Errors: ERR_IO (the folder itself). */
struct folder_entry {
	const char *path;      /* a loan for the call */
	const struct stat *st; /* of the entry itself */
	bool is_folder, is_link;
	bool readable; /* by this process; of a link: what it leads to */
};
must_use bool folder_walk(struct folder *f, const char *after,
    bool (*each)(void *arg, const struct folder_entry *entry), void *arg, struct err *e);

#endif
