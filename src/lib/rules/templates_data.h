/*
 * templates_data: share/templates inside the program. Written by tools/embed.py.
 */
#ifndef RULES_TEMPLATES_DATA_H
#define RULES_TEMPLATES_DATA_H

#include <stddef.h>

struct templates_file {
	const char *name;
	const char *data;
	size_t size;
};

extern const struct templates_file templates_files[];
extern const size_t templates_files_count;

#endif
