/*
 * findings: what is wrong with an entry of the provisioning folder, in words for an administrator
 * and with what to do about it. Names that phones ask for: doc/protocols/files.md, section 8.
 *
 * People come with a folder that served other programs: what is left over from those is reported
 * and never served.
 */
#ifndef RULES_FINDINGS_H
#define RULES_FINDINGS_H

#include "base/err.h"
#include "rules/fname.h"

#define FINDINGS_MAX      4   /* of one entry */
#define FINDINGS_TEXT_MAX 480 /* with the NUL */

/* An error keeps something from a phone that was meant for it; a note is about what does no harm.
 */
enum findings_severity { FINDINGS_NOTE, FINDINGS_ERROR };

/* "note", "error". */
const char *findings_severity_name(enum findings_severity s);

struct findings_entry {
	const char *path; /* relative to the folder */
	bool is_folder, is_link;
	bool is_file;  /* a regular file, or a link to one inside the folder */
	bool readable; /* by the daemon */
	bool leads_out;
	bool plain_beside;       /* there is a file findings_plain names */
	uint64_t size, max_size; /* of the file; of what is served */
	/* The whole file when findings_wants_content; p NULL: it could not be had. A loan. */
	struct span content;
};

struct finding {
	enum findings_severity severity;
	unsigned line; /* of the file; 0: the finding is not about a line */
	char text[FINDINGS_TEXT_MAX];
};

/* A configuration that is small enough for a phone: its content is judged too. */
bool findings_wants_content(const char *path, uint64_t size);

/* The name has .sgn or .enc.sgn: what it is without. */
bool findings_plain(const char *path, char plain[FNAME_MAX + 1]);

/* How many there are; 0: nothing is wrong with it. */
size_t findings_judge(const struct findings_entry *en, struct finding out[FINDINGS_MAX]);

#endif
