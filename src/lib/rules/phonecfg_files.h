/*
 * phonecfg_files: which other files a configuration makes a phone fetch.
 *
 * Facts: doc/protocols/files.md 8, item 6. Ring list and user locale are named by the firmware and
 * not by the configuration; what they are called is assumed.
 */
#ifndef RULES_PHONECFG_FILES_H
#define RULES_PHONECFG_FILES_H

#include "base/err.h"
#include "base/span.h"

#define PHONECFG_FILES_MAX     8
#define PHONECFG_FILE_NAME_MAX 128 /* with the NUL */

struct phonecfg_files {
	struct phonecfg_file {
		char name[PHONECFG_FILE_NAME_MAX];
		bool is_firmware; /* signed by its maker; never asked for with .sgn */
	} file[PHONECFG_FILES_MAX];
	size_t count;
};

/* The files by name, without .sgn. An element whose value is no file name counts as absent. Errors:
 * those of phonecfg_parse. */
must_use bool phonecfg_files(struct span xml, struct phonecfg_files *out, struct err *e);

#endif
