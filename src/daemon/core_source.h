/*
 * core_source: which file of the provisioning folder an answer is made from.
 *
 * A configuration is always made from the plain file, and never served from a signed or encrypted
 * one that lies there, which no phone would verify; a left-over trust list is never served. What
 * else is asked for signed is signed by us when the plain file is there; else a vendor-signed file
 * keeps the form in which it lies. What its vendor signed under its plain name is not signed again.
 */
#ifndef DAEMON_CORE_SOURCE_H
#define DAEMON_CORE_SOURCE_H

#include "daemon/core.h"
#include "daemon/filecache.h"
#include "files/folder.h"
#include "rules/fname.h"

#define CORE_SOURCE_KEY_MAX (FNAME_MAX + 8)

/* What is asked for. */
struct core_wanted {
	struct fname name;
	bool is_bare; /* a signed configuration, wanted as plain XML: it is asked for over HTTPS */
};

struct core_wanted core_wanted_of(const struct fname *name, uint8_t via);

/* fd -1 in file: there is none, or its fault says why it is not open. Closed with
 * core_source_close. */
struct core_source {
	struct folder_file file;
	bool is_signed_by_us;      /* the answer has a signature of ours */
	const struct cert *signer; /* of a phone's own file; NULL: the current key. A loan until the
				    * next change */
	bool is_told; /* every change of it is told to those who watch (core_folder_tells) */
};

must_use bool core_source_open(
    struct core *c, const struct core_wanted *wanted, struct core_source *out, struct err *e);
void core_source_close(struct core_source *s);

/* There is a file, or what is there cannot be read: that is no reason to answer as if there were
 * none, and the phone would go on to the next name. */
bool core_source_is_there(const struct folder_file *file);

/* The whole of a file that is there. Errors: those of folder_read; ERR_REFUSED (the rights do not
 * suffice). */
must_use bool core_source_read(
    struct core *c, struct folder_file *file, struct bytes *out, struct err *e);

/* What copies of the answer are known by. name is text of the caller. */
struct filecache_key core_source_key(struct core *c, const struct core_wanted *wanted,
    const struct core_source *s, char name[CORE_SOURCE_KEY_MAX]);

/* It will not change unseen: fronts that are told may keep the answer. */
bool core_source_is_settled(const struct core_source *s);

#endif
